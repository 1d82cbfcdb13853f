import { describe, expect, it } from "vitest";
import { parseExpression, SPARES_MAX, sparesOf } from "../../../durable/rules/expression.ts";

describe("an expression", () => {
  it.each([
    ["10", 10, 0],
    [" 0 ", 0, 0],
    ["10+20%", 10, 20],
    ["10 + 2.5 %", 10, 2.5],
    [String(SPARES_MAX), SPARES_MAX, 0],
    ["0+1000%", 0, 1000],
  ])("%j is %d spares and %d %% of the sessions", (text, spares, percent) => {
    expect(parseExpression(text)).toEqual({
      ok: true,
      expression: { kind: "spares", spares, percent },
    });
  });

  it.each([
    "",
    "ten",
    "-1",
    "1.5",
    "1e3",
    "10%",
    "10+",
    "10+20",
    "0x10",
    "10\n11",
    "auto",
    String(SPARES_MAX + 1),
    "0+1001%",
    `1${" ".repeat(64)}+1%`,
  ])("%j does not parse, and the error says why", (text) => {
    const parsed = parseExpression(text);

    expect(parsed.ok ? "" : parsed.error).toMatch(/\S{2,}/u);
  });

  it("rounds its share of the sessions up", () => {
    expect(sparesOf({ kind: "spares", spares: 10, percent: 20 }, 11)).toBe(13);
  });

  it("does not round up a whole share, and adds nothing without sessions", () => {
    expect(sparesOf({ kind: "spares", spares: 10, percent: 20 }, 10)).toBe(12);
    expect(sparesOf({ kind: "spares", spares: 10, percent: 20 }, 0)).toBe(10);
  });
});

describe("what a person may type", () => {
  it("has up to sixty-four characters, and up to two decimals", () => {
    const text = `1${" ".repeat(60)}+1%`;

    expect(parseExpression(text)).toEqual({
      ok: true,
      expression: { kind: "spares", spares: 1, percent: 1 },
    });
    expect(parseExpression("1+2.25%")).toMatchObject({ expression: { percent: 2.25 } });
    expect(parseExpression("1+2.125%").ok).toBe(false);
  });

  it.each(["auto", "auto:0.1%"])("is told of %s that it is not supported yet", (text) => {
    expect(parseExpression(text)).toEqual({
      ok: false,
      error: "`auto` is not supported yet; give a number",
    });
  });
});

describe("a total", () => {
  it("is as many spares as it is above the sessions, and never fewer than the others want", () => {
    const parsed = parseExpression("total:60", { total: true });

    expect(parsed).toEqual({ ok: true, expression: { kind: "total", total: 60 } });
    if (!parsed.ok) return;
    expect(sparesOf(parsed.expression, 45, 10)).toBe(15);
    expect(sparesOf(parsed.expression, 55, 10)).toBe(10);
    expect(sparesOf(parsed.expression, 70, 0)).toBe(0);
  });

  it("is refused where nothing lies beneath it", () => {
    const parsed = parseExpression("total:60");

    expect(parsed).toEqual({
      ok: false,
      error: "`total:` is for overrides only; give a number of spares",
    });
  });

  it.each(["total", "total:", "total:-1", "total:1.5", "total:10+20%", `total:${SPARES_MAX + 1}`])(
    "%j does not parse, and the error says why",
    (text) => {
      const parsed = parseExpression(text, { total: true });

      expect(parsed.ok ? "" : parsed.error).toMatch(/total/u);
    },
  );
});
