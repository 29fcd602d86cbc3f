import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFields } from "./parse-fields.ts";

test("parseFields() reads one record a line", () => {
  const text = "NodeName=x0 NodeAddr=10.0.0.1 Gres=(null)\nNodeName=x1 NodeAddr=n1.example\n\n";
  assert.deepEqual(
    parseFields(text).map((fields) => ({ ...fields })),
    [
      { NodeName: "x0", NodeAddr: "10.0.0.1" },
      { NodeName: "x1", NodeAddr: "n1.example" },
    ],
  );
});

test("parseFields() keeps blanks within a value, and keys with marks in them", () => {
  const [fields] = parseFields(
    "JobId=4 CPUs/Task=1 AllocNode:Sid=localhost:78 OS=Linux 6.1 #1 SMP  Power= WorkDir=/a b",
  );
  assert.deepEqual(
    { ...fields },
    {
      JobId: "4",
      "CPUs/Task": "1",
      "AllocNode:Sid": "localhost:78",
      OS: "Linux 6.1 #1 SMP",
      WorkDir: "/a b",
    },
  );
});

test("parseFields() believes what stands first, whatever a name further on looks like", () => {
  const [fields] = parseFields("JobId=4 JobState=RUNNING Command=/a JobState=FAILED/b");
  assert.equal(fields!["JobState"], "RUNNING");
});

test("parseFields() has no keys that nobody wrote", () => {
  assert.deepEqual(parseFields("nothing here"), [Object.create(null)]);
  assert.equal(parseFields("a")[0]!["constructor"], undefined);
});
