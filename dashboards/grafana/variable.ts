import type { ChoiceVariable, LabelVariable, OneVariable, SqlVariable, TextVariable, Variable } from "../panel.ts";
import { allValue } from "../sql.ts";
import type { Json } from "./fields.ts";
import { metricsSource } from "./panel.ts";
import { sqlSource } from "./sql-panel.ts";

/** What can be chosen or typed at the top of a board. */
export function variableJson(variable: Variable): Json {
  if (variable.kind === undefined) return labelVariable(variable);
  switch (variable.kind) {
    case "sql":
      return sqlVariable(variable);
    case "choice":
      return choiceVariable(variable);
    case "one":
      return oneVariable(variable);
    case "text":
      return textVariable(variable);
  }
}

/** Several values, or all of them. */
const several = {
  current: { text: ["All"], value: ["$__all"] },
  includeAll: true,
  multi: true,
  hide: 0,
  options: [],
  skipUrlSync: false,
};

const labelVariable = ({ name, label, series, of }: LabelVariable): Json => ({
  name,
  label,
  type: "query",
  datasource: metricsSource,
  definition: `label_values(${series}, ${of})`,
  query: { qryType: 1, query: `label_values(${series}, ${of})`, refId: "PrometheusVariableQueryEditor-VariableQuery" },
  // matches every value, and keeps series without the label out
  allValue: ".+",
  ...several,
  refresh: 2,
  regex: "",
  sort: 1,
});

const sqlVariable = ({ name, label, sql }: SqlVariable): Json => ({
  name,
  label,
  type: "query",
  datasource: sqlSource,
  definition: sql,
  query: sql,
  allValue,
  ...several,
  refresh: 2,
  regex: "",
  sort: 1,
});

const choiceVariable = ({ name, label, values }: ChoiceVariable): Json => ({
  name,
  label,
  type: "custom",
  query: values.join(","),
  allValue,
  ...several,
});

const oneVariable = ({ name, label, values }: OneVariable): Json => {
  const [first] = Object.entries(values);
  if (first === undefined) throw new Error(`variable ${name} has no value`);
  return {
    name,
    label,
    type: "custom",
    query: Object.entries(values)
      .map(([text, value]) => `${text} : ${value}`)
      .join(","),
    current: { text: first[0], value: first[1] },
    includeAll: false,
    multi: false,
    hide: 0,
    options: [],
    skipUrlSync: false,
  };
};

const textVariable = ({ name, label }: TextVariable): Json => ({
  name,
  label,
  type: "textbox",
  query: "",
  current: { text: "", value: "" },
  hide: 0,
  options: [],
  skipUrlSync: false,
});
