/**
 * The alert rules, the dashboard and their page stand on metrics that exist. Prometheus's own tool is the
 * judge of the formats where it is installed (Debian: `apt-get install prometheus`); elsewhere those
 * tests are skipped, and say so.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import { Meters } from "../../durable/meters.ts";
import { expose } from "../../worker/metrics/exposition.ts";
import { familiesOf } from "../../worker/metrics/families.ts";
import { screenOf } from "../../worker/text/screen.ts";
import { readings, status } from "../worker/api/views.ts";
import { SCENES } from "../worker/text/scenes.ts";

const TSC = join(import.meta.dirname, "../../node_modules/.bin/tsc");
const DOCS = join(import.meta.dirname, "../../docs");
const PAGE = readFileSync(join(DOCS, "monitoring.md"), "utf8");
const RULES = readFileSync(join(DOCS, "prometheus/lightfleet.rules.yml"), "utf8");
const DASHBOARD = readFileSync(join(DOCS, "grafana/lightfleet.json"), "utf8");
const NOW = Date.parse("2026-11-22T10:00:00.000Z");

const HAS_PROMTOOL = spawnSync("promtool", ["--version"]).status === 0;
const judged = HAS_PROMTOOL ? "" : " (skipped: promtool is not installed)";

const FAMILIES = familiesOf(
  [{ status: SCENES.healthy.status, readings: readings() }],
  ["audio"],
  NOW,
);
const CLASSIC = expose(FAMILIES, "prometheus");

/** The names of all samples of a scrape. */
const NAMES = new Set([...CLASSIC.matchAll(/^(lightfleet_\w+)\{/gmu)].map(([, name = ""]) => name));

function named(text: string): string[] {
  return [...new Set(text.match(/\blightfleet_\w+/gu))];
}

function promtool(args: readonly string[], input = "") {
  const { status, stdout, stderr } = spawnSync("promtool", args, { input, encoding: "utf8" });
  return { status, said: stdout + stderr };
}

/** Where an expression is no PromQL. Grafana puts a duration in the place of its variable. */
function faultsOf(expr: string): string[] {
  const query = expr.replaceAll("$__rate_interval", "5m");
  const faults: string[] = [];
  parser.parse(query).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) faults.push(`at ${from}: ${query.slice(from, to + 10)}`);
    },
  });
  return faults;
}

/**
 * What the compiler says of a dashboard under the types of `@grafana/schema`. In JSON an enum stands as
 * its text, which `Plain` allows.
 */
function typeFaultsOf(dashboard: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), "dashboard-"));
  const types = join(
    import.meta.dirname,
    "../../node_modules/@grafana/schema/dist/types/index.d.ts",
  );
  const path = join(folder, "dashboard.ts");
  writeFileSync(
    path,
    `import type { Dashboard } from ${JSON.stringify(types)};
type Plain<T> = T extends string ? \`\${T}\` : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
export const dashboard: Plain<Dashboard> = ${JSON.stringify(dashboard)};\n`,
  );
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--ignoreConfig"];
  const modules = ["--module", "esnext", "--moduleResolution", "bundler"];
  const { stdout } = spawnSync(TSC, [...options, ...modules, path], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  return stdout;
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets: readonly { readonly refId: string; readonly expr: string }[];
}

interface Dashboard {
  readonly schemaVersion: number;
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
}

describe("the page about monitoring", () => {
  it("describes every metric, and none that does not exist", () => {
    const table = PAGE.split("### What there is")[1]?.split("\n## ")[0] ?? "";
    const described = [...table.matchAll(/^\| (`[^|]*`) \|/gmu)]
      .flatMap(([, cell = ""]) => cell.split(", "))
      .map((name) => `lightfleet_${name.replaceAll("`", "")}`);

    const families = FAMILIES.map(({ name, type }) =>
      type === "counter" ? `${name}_total` : name,
    );

    expect(described.toSorted()).toEqual(families.toSorted());
  });

  it("says of every alert why, what to do, and how loud it is", () => {
    const alerts = [...RULES.matchAll(/- alert: (\w+)[^]*?severity: (\w+)/gu)].map(
      ([, name, severity]) => `${name} (${severity})`,
    );

    const sections = PAGE.split("## Alerts")[1]?.split("\n## ")[0]?.split(/^### /mu).slice(1) ?? [];

    expect(sections.map((section) => section.split("\n")[0])).toEqual(alerts);
    for (const section of sections)
      expect(section).toMatch(/\*\*Why\.\*\* .+\n\*\*What to do\.\*\* .+/u);
  });

  it("shows a screen as the code draws it", () => {
    expect(PAGE).toContain(`\`\`\`text\n${screenOf(SCENES.blocked).join("\n")}\n\`\`\``);
  });

  it.skipIf(!HAS_PROMTOOL)(`has a scrape configuration that Prometheus takes${judged}`, () => {
    const yaml = /```yaml\n([^]*?)```/u.exec(PAGE)?.[1] ?? "";
    const folder = mkdtempSync(join(tmpdir(), "monitoring-"));
    const path = join(folder, "prometheus.yml");
    writeFileSync(path, yaml);

    const { status, said } = promtool(["check", "config", "--syntax-only", path]);
    rmSync(folder, { recursive: true });

    expect(status, said).toBe(0);
  });
});

describe("the metrics", () => {
  it.skipIf(!HAS_PROMTOOL)(`are without a fault for Prometheus's own tool${judged}`, () => {
    expect(promtool(["check", "metrics"], CLASSIC)).toEqual({ status: 0, said: "" });
  });

  it("have no other difference between their two forms than OpenMetrics asks for", () => {
    const samples = (text: string) => text.split("\n").filter((line) => !line.startsWith("#"));

    expect(samples(expose(FAMILIES, "openmetrics"))).toEqual(samples(CLASSIC));
  });

  it("are whole: each family once, its samples together and distinct", () => {
    const lines = expose(FAMILIES, "openmetrics").trimEnd().split("\n");
    const types = lines
      .filter((line) => line.startsWith("# TYPE "))
      .map((line) => line.split(" ")[2]);
    const series = lines.filter((line) => !line.startsWith("#")).map((line) => line.split("} ")[0]);

    expect(new Set(types).size).toBe(types.length);
    expect(new Set(series).size).toBe(series.length);
    expect(lines.at(-1)).toBe("# EOF");
    for (const line of lines)
      expect(line).toMatch(/^(# \w+|lightfleet_\w+\{fleet="(media|audio)".*\} \S+$)/u);
  });

  it("escape what would end a label's value", () => {
    const holds = [{ guard: "zoneCapacity", subject: 'a"b\\c\nd', until: NOW }] as const;
    const told = { status: status("media"), readings: { ...readings(), holds } };

    const text = expose(familiesOf([told], [], NOW), "openmetrics");

    expect(text).toContain(`subject="a\\"b\\\\c\\nd"} ${NOW / 1000}\n`);
  });

  it("leave out what is not known, and do not tell it as zero", () => {
    const unknown = {
      ...status("media", null),
      spend: { spentUsd: 0, committedUsd: 0, capUsd: null, priced: false },
      vcpus: { used: 0, limit: null },
    };

    const text = expose(
      familiesOf([{ status: unknown, readings: readings() }], [], NOW),
      "openmetrics",
    );

    expect(text).not.toMatch(/spend_|vcpus_max|last_good_tick/u);
    expect(text).toContain("lightfleet_vcpus{");
  });

  it("begin every counter on which an alert stands at zero", () => {
    const counters = new Meters().read();
    const fresh = { status: status("media"), readings: { ...readings(), counters } };

    const text = expose(familiesOf([fresh], [], NOW), "prometheus");

    for (const labels of [
      'kind="lost"',
      'kind="bootFailed"',
      'reason="spares"',
      'reason="surplus"',
      'outcome="throttled"',
      'outcome="hole"',
    ])
      expect(text).toMatch(new RegExp(`_total\\{.*${labels}\\} 0\n`, "u"));
  });
});

describe("the alert rules", () => {
  it("stand on metrics that exist", () => {
    expect(named(RULES).filter((name) => !NAMES.has(name))).toEqual([]);
  });

  it.skipIf(!HAS_PROMTOOL)(`are rules that Prometheus takes${judged}`, () => {
    const { status, said } = promtool([
      "check",
      "rules",
      join(DOCS, "prometheus/lightfleet.rules.yml"),
    ]);

    expect(status, said).toBe(0);
  });

  it.skipIf(!HAS_PROMTOOL)(
    `tell what they shall, and nothing else${judged}`,
    () => {
      const { status, said } = promtool([
        "test",
        "rules",
        join(import.meta.dirname, "rules.test.yml"),
      ]);

      expect(status, said).toBe(0);
    },
    30_000,
  );
});

describe("the dashboard", () => {
  const dashboard = JSON.parse(DASHBOARD) as Dashboard;
  const { schemaVersion, panels, templating } = dashboard;

  it("stands on metrics that exist", () => {
    expect(named(DASHBOARD).filter((name) => !NAMES.has(name))).toEqual([]);
  });

  it("is one that Grafana loads: panels with ids of their own, beside each other, each with a query", () => {
    expect(schemaVersion).toBeGreaterThanOrEqual(36);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from(
        { length: w * h },
        (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`,
      ),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos, targets } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      expect(targets.length).toBeGreaterThan(0);
      for (const { expr } of targets) expect(expr).toContain('fleet="$fleet"');
    }
  });

  it("is a dashboard by the types that Grafana publishes", () => {
    expect(typeFaultsOf(dashboard)).toBe("");
  });

  it("would be found out by them", () => {
    const [first, ...rest] = panels;
    const mistyped = {
      ...dashboard,
      panels: [{ ...first, gridPos: { x: 0 } }, ...rest],
    };

    expect(typeFaultsOf(mistyped)).toContain("h, w, y");
    expect(typeFaultsOf({ ...dashboard, graphTooltip: "shared" })).not.toBe("");
    expect(typeFaultsOf({ ...dashboard, colour: 1 })).toContain("colour");
  });

  it.each(panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr])))(
    "asks in Prometheus's own grammar: %s",
    (_title, expr) => {
      expect(faultsOf(expr)).toEqual([]);
      expect(named(expr).length).toBeGreaterThan(0);
    },
  );

  it.each(["sum(", "rate(a[5m]", "a{b=c}", "a +", "a[5 meters]"])(
    "would be found out by that grammar: %s",
    (expr) => {
      expect(faultsOf(expr)).not.toEqual([]);
    },
  );

  it("asks for nothing but a Prometheus and a fleet", () => {
    expect(templating.list.map(({ name }) => name)).toEqual(["datasource", "fleet"]);
    expect([...new Set(DASHBOARD.match(/\$\{?\w+/gu))].toSorted()).toEqual([
      "$__rate_interval",
      "$fleet",
      "${datasource",
    ]);
  });
});
