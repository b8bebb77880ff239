import "monaco-graphql/esm/monaco-editor.js"; // here, not lazily as GraphiQL does: its styles must join graphiql.css
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";
import "./graphiql.css";
import "./workers.js";
import { explorerPlugin } from "@graphiql/plugin-explorer";
import { ChevronDownIcon, DropdownMenu, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { useEffect } from "react";
import { createRoot } from "react-dom/client";
import { createFetcher } from "./fetcher.js";
import { createStorage } from "./storage.js";

const { endpoint, samples } = JSON.parse(document.getElementById("config").textContent);
const fetcher = createFetcher(endpoint);
const storage = createStorage(endpoint);
const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];

// GraphiQL fills its editors from memory and, but for the query, never from the first of the default tabs. So on a
// first visit that tab is put into memory. Headers are not: GraphiQL does not keep them unless its user wants that.
const [first] = samples;
const firstVisit = storage.getItem("graphiql:tabState") === null;
if (firstVisit && first) {
  storage.setItem("graphiql:query", first.query);
  if (first.variables) storage.setItem("graphiql:variables", first.variables);
}

/** Brings a sample back in a new tab, after its own was edited or closed. */
function Samples() {
  const { addTab } = useGraphiQLActions();
  const editors = useGraphiQL(({ queryEditor, variableEditor, headerEditor }) => ({
    queryEditor,
    variableEditor,
    headerEditor,
  }));
  const open = ({ query, variables, headers }) => {
    addTab();
    editors.queryEditor?.setValue(query);
    editors.variableEditor?.setValue(variables ?? "");
    editors.headerEditor?.setValue(headers ?? "");
  };
  return (
    <DropdownMenu>
      <DropdownMenu.Button className="gateway-samples">
        Samples
        <ChevronDownIcon />
      </DropdownMenu.Button>
      <DropdownMenu.Content align="end">
        {samples.map((sample) => (
          <DropdownMenu.Item key={sample.name} onSelect={() => open(sample)}>
            {sample.name}
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu>
  );
}

/** Keeps the active tab in sight where the tabs outgrow their bar. */
function ShowActiveTab() {
  const state = useGraphiQL(({ tabs, activeTabIndex }) => `${tabs.length} ${activeTabIndex}`);
  useEffect(() => {
    document.querySelector(".graphiql-tab-active")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [state]);
  return null;
}

/** Lets the editors follow the system from day to night; GraphiQL asks for its scheme only once. */
function FollowSystem() {
  const { setTheme } = useGraphiQLActions();
  const theme = useGraphiQL((state) => state.theme);
  useEffect(() => {
    if (theme) return undefined;
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => setTheme(null);
    scheme.addEventListener("change", follow);
    return () => scheme.removeEventListener("change", follow);
  }, [theme, setTheme]);
  return null;
}

/** Lets queries be run from when GraphiQL has its editors: before, its run button does nothing and says nothing. */
function WaitForEditors() {
  const ready = useGraphiQL(({ queryEditor, responseEditor }) => Boolean(queryEditor && responseEditor));
  useEffect(() => {
    document.body.classList.toggle("gateway-ready", ready);
  }, [ready]);
  return null;
}

createRoot(document.getElementById("graphiql")).render(
  <GraphiQL
    fetcher={fetcher}
    storage={storage}
    plugins={plugins}
    defaultTabs={samples.length ? samples : undefined}
    defaultEditorToolsVisibility="variables"
    inputValueDeprecation
    schemaDescription
    initialHeaders={firstVisit ? first?.headers : undefined}
  >
    <GraphiQL.Logo>
      {samples.length > 0 && <Samples />}
      <span className="gateway-name">transcode gateway</span>
    </GraphiQL.Logo>
    <ShowActiveTab />
    <FollowSystem />
    <WaitForEditors />
  </GraphiQL>,
);
