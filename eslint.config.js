import pulumi from "@pulumi/eslint-plugin";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** The rooms of the house (docs/architecture.md) and the doors that they do not have. */
const rooms = {
  configs: [
    "@pulumi/**",
    "@pulumiverse/**",
    "node:*",
    "**/components/**",
    "**/dashboards/**",
    "**/graph/**",
    "**/cli/**",
    "**/index.ts",
  ],
  dashboards: [
    "@pulumi/**",
    "@pulumiverse/**",
    "node:fs*",
    "node:process",
    "**/components/**",
    "**/graph/**",
    "**/cli/**",
  ],
  components: ["node:*", "**/graph/**", "**/cli/**"],
  graph: [
    "@pulumi/docker",
    "@pulumi/kubernetes",
    "@pulumi/random",
    "@pulumiverse/**",
    "@pulumi/pulumi/automation/**",
    "**/cli/**",
  ],
  cli: ["@pulumi/docker", "@pulumi/kubernetes", "@pulumi/random", "@pulumiverse/**", "**/components/**"],
};

const closedDoors = Object.entries(rooms).map(([room, closed]) => ({
  files: [`${room}/**/*.ts`],
  rules: {
    "no-restricted-imports": [
      "error",
      { patterns: [{ group: closed, message: `${room}/ may not import this: see docs/architecture.md.` }] },
    ],
  },
}));

/** Rooms whose results must be the same every time. */
const pure = {
  files: ["configs/**/*.ts", "dashboards/**/*.ts", "components/**/*.ts"],
  rules: {
    "no-restricted-globals": [
      "error",
      "process",
      "Date",
      "setTimeout",
      "setInterval",
      "fetch",
      "performance",
      "crypto",
    ],
    "no-restricted-properties": ["error", { object: "Math", property: "random" }],
  },
};

export default defineConfig(
  globalIgnores(["node_modules", ".local", ".cache"]),
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "@pulumi": pulumi },
    rules: {
      "@pulumi/no-output-in-template-literal": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/explicit-module-boundary-types": "error",
      // a program is an async function whether it awaits or not; a platform method may ignore what it is given
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreVoidOperator: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-indexed-object-style": "off",
      complexity: ["error", 12],
      "max-lines": ["error", { max: 260, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  ...closedDoors,
  pure,
  {
    // the same content has the same hash: nothing of the machine comes in
    files: ["configs/hash.ts"],
    rules: { "no-restricted-imports": "off" },
  },
  {
    files: ["dashboards/*/*.ts", "cli/drill/proofs/*.ts"],
    rules: {
      // data: boards and rules are lists, however long
      "max-lines": "off",
      "max-lines-per-function": "off",
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "max-lines-per-function": "off",
      "max-lines": ["error", 500],
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/explicit-module-boundary-types": "off",
    },
  },
);
