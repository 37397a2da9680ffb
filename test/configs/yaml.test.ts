import { expect, it } from "vitest";
import { parse } from "yaml";

import { yamlForGo } from "../../configs/yaml.ts";
import { awkwardValues, typedTexts } from "../support/hard-values.ts";

it.each(typedTexts)("%s is quoted: Go would read something else into it", (text) => {
  expect(yamlForGo({ key: text })).toBe(`key: "${text}"\n`);
});

it.each(["30s", "0.0.0.0:4317", "5e", "v1", "2024", "1.2.3", "otlp_http/traces", "a_1"])("%s stays a text", (text) => {
  expect(parse(yamlForGo({ key: text }), { schema: "yaml-1.1" })).toEqual({ key: text });
});

it("leaves what is no text alone", () => {
  expect(yamlForGo({ size: 1024, on: true, none: null })).toBe('size: 1024\n"on": true\nnone: null\n');
});

it.each(awkwardValues)("%s comes back as it was", (text) => {
  expect(parse(yamlForGo([text]))).toEqual([text]);
});
