// The rules of graphql-eslint for schemas, and Relay's. From the folder of schema.graphql:
//   node tests/clients/node_modules/eslint/bin/eslint.js --config tests/clients/eslint.config.mjs schema.graphql

import graphql from "@graphql-eslint/eslint-plugin";

// Parts of the object that holds them, without a life of their own. Whatever else a type is, it needs an id:
// normalized caches keep objects by it.
const PARTS = [
  "Failure",
  "Input",
  "JobGroup",
  "Location",
  "Observation",
  "OperationStatus",
  "Output",
  "PageInfo",
  "Problem",
  "ProviderStatus",
  "TaskPage",
  "TaskSource",
  "Template",
  "Trouble",
];

export default [
  {
    files: ["**/*.graphql"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: "schema.graphql" } },
    },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...graphql.configs["flat/schema-recommended"].rules,
      ...graphql.configs["flat/schema-relay"].rules,
      "@graphql-eslint/strict-id-in-types": [
        "error",
        { exceptions: { types: PARTS, suffixes: ["Connection", "Edge", "Stream"] } },
      ],
      // A task has a dozen jobs at most, a file a handful of streams: those are plain lists, and so is what is asked
      // for by a list of ids.
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false, withEdgeSuffix: true }],
      // Video.videoId is VOD's VideoId; its id is the global one.
      "@graphql-eslint/no-typename-prefix": "off",
      "@graphql-eslint/require-description": [
        "error",
        { types: true, FieldDefinition: true, InputValueDefinition: true, EnumValueDefinition: true },
      ],
    },
  },
];
