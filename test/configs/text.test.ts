import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  basicAuth,
  encodedBasicAuth,
  joined,
  namesReplica,
  printable,
  replicaIndex,
  replicaName,
  revealed,
  secret,
  secretsIn,
  text,
} from "../../configs/text.ts";

const valueOf = (name: string) => `<${name}>`;

describe("text", () => {
  it("is a plain string without secrets", () => {
    expect(text`a${"b"}${joined(["c", "d"], "-")}`).toBe("abc-d");
    expect(secretsIn("abc")).toEqual([]);
  });

  it("holds secrets by name until it is revealed", () => {
    const line = text`user=${"u"}:${secret("password")}!`;
    expect(printable(line)).toBe("user=u:{secret:password}!");
    expect(secretsIn(line)).toEqual(["password"]);
    expect(revealed(line, valueOf)).toBe("user=u:<password>!");
    expect(JSON.stringify(line)).not.toContain("<");
  });

  it("makes an Authorization header", () => {
    const header = text`${basicAuth("reader", "p")}`;
    expect(revealed(header, () => "sécret")).toBe(`Basic ${Buffer.from("reader:sécret").toString("base64")}`);
    expect(printable(header)).toBe("{basic-auth:reader:{secret:p}}");
    expect(secretsIn(header)).toEqual(["p"]);
    const encoded = revealed(text`${encodedBasicAuth("reader", "p")}`, () => "??>");
    expect(encoded).not.toMatch(/[ =+/]/);
    expect(decodeURIComponent(encoded)).toBe(`Basic ${Buffer.from("reader:??>").toString("base64")}`);
  });

  it("is not fooled by text that looks like a secret's place", () => {
    expect(revealed("{secret:password}", valueOf)).toBe("{secret:password}");
    expect(revealed(text`{secret:${"x"}}`, valueOf)).toBe("{secret:x}");
  });

  it("keeps every piece in order, however it is put together", () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom(secret("a"), secret("b")));
    fc.assert(
      fc.property(fc.array(piece), fc.string(), (pieces, separator) => {
        const expected = pieces
          .map((part) => (typeof part === "string" ? part : valueOf("secret" in part ? part.secret : "")))
          .join(separator);
        return revealed(joined(pieces, separator), valueOf) === expected;
      }),
    );
  });
});

describe("what tells replicas apart", () => {
  const line = text`--name=${replicaName} --id=${replicaIndex} ${secret("password")}`;

  it("is filled in for one replica", () => {
    expect(revealed(line, valueOf, { name: "etcd-2", index: "2" })).toBe("--name=etcd-2 --id=2 <password>");
    expect(printable(line)).toBe("--name={replica:name} --id={replica:index} {secret:password}");
    expect(secretsIn(line)).toEqual(["password"]);
  });

  it("has no place in a text that is the same for all", () => {
    expect(namesReplica(line)).toBe(true);
    expect(namesReplica(text`${secret("password")}`)).toBe(false);
    expect(() => revealed(line, valueOf)).toThrow("the name of a replica");
  });
});
