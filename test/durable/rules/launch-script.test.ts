import { describe, expect, it } from "vitest";
import { BASH_GUARD, scriptWarnings } from "../../../durable/rules/launch-script.ts";

function warned(...lines: readonly string[]): readonly string[] {
  const script = lines.join("\n");
  return scriptWarnings(script, new TextEncoder().encode(script).length);
}

describe("a launch script that Lightsail runs under sh", () => {
  it.each([
    ["#cloud-config", "packages: [nginx]"],
    ["#cloud-config ", "x: 1"],
    ["#cloud-boothook", "#!/bin/sh"],
    ["#include", "https://example.org/x"],
    ["Content-Type: multipart/mixed; boundary=x", ""],
  ])("does nothing as %s", (...lines) => {
    expect(warned(...lines)).toEqual([expect.stringContaining("which does nothing")]);
  });

  it.each([
    "#!/usr/bin/env python3",
    "#!/usr/bin/python3 -u",
    "#!/usr/bin/env -S node",
    "#!/usr/bin/perl",
    "#! /usr/bin/env ruby",
  ])("is no program of another language: %s", (shebang) => {
    expect(warned(shebang, "x = 1")).toEqual([expect.stringContaining("a mere comment")]);
  });

  it.each([
    ["set -o pipefail"],
    ["#!/bin/bash", "set -euo pipefail"],
    ["#!/usr/bin/env bash", "set -e -o pipefail"],
    ["#!/bin/sh", "  set -eo pipefail # as always"],
    ["set -euo pipefail", BASH_GUARD],
  ])("ends its first boot at pipefail without the guard before it: %s", (...lines) => {
    expect(warned(...lines)).toEqual([expect.stringContaining(BASH_GUARD)]);
    expect(warned(...lines)[0]).toContain("ends the first boot");
  });

  it.each(["#!/bin/bash", "#!/usr/bin/env bash", "#!/usr/local/bin/bash -e"])(
    "may need the guard after %s",
    (shebang) => {
      expect(warned(shebang, "echo hi")).toEqual([expect.stringContaining(BASH_GUARD)]);
    },
  );

  it.each([
    [""],
    ["  \n "],
    ["#!/bin/sh", "echo hi"],
    ["#!/bin/dash", "echo hi"],
    ["echo hi"],
    ["#!/bin/sh", "# set -o pipefail would end it"],
    [BASH_GUARD, "set -euo pipefail"],
    ["#!/bin/bash", BASH_GUARD, "set -euo pipefail"],
    ["#!/bin/bash", 'if [ -z "$BASH_VERSION" ]; then exec bash "$0"; fi', "set -o pipefail"],
  ])("is well as %j", (...lines) => {
    expect(warned(...lines)).toEqual([]);
  });

  it("may be too long with Lightsail's own lines", () => {
    expect(warned("x".repeat(15 * 1024))).toEqual([]);
    expect(warned("é".repeat(8_000))).toEqual([expect.stringContaining("16000 bytes")]);
  });
});
