import { expect, test } from "vitest";
import { hasLoopbackRange, listenProblem } from "./loopback.ts";

test("the range is there on Linux, and asking leaves nothing open", async () => {
  const answers = [await hasLoopbackRange(), await hasLoopbackRange()];

  expect(answers[0]).toBe(answers[1]);
  if (process.platform === "linux") expect(answers[0]).toBe(true);
});

test.each([
  ["EADDRINUSE", "something else listens there"],
  ["EADDRNOTAVAIL", "PROBE_VIA"],
  ["EACCES", "1024"],
  ["EMFILE", "ulimit"],
  ["EWHATEVER", "the system's message"],
])("%s says where, for whom and what to do", (code, remedy) => {
  const error = Object.assign(new Error(`listen ${code}`), { code });

  const problem = listenProblem("127.16.0.5:8080", "media-a-1", error);

  expect(problem).toContain("Cannot listen on 127.16.0.5:8080 for media-a-1");
  expect(problem).toContain(remedy);
  expect(problem).toContain(`listen ${code}`);
});
