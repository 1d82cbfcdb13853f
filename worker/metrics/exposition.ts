/**
 * Metrics as text: OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/), and the
 * older form of Prometheus for those who ask for that. They differ in the name of a counter's family,
 * the units and the end.
 */
export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** What a histogram or a summary adds to the name; a counter's `_total` is added here. */
  readonly suffix?: "_bucket" | "_sum" | "_count";
  readonly labels: Labels;
  readonly value: number;
}

export interface Family {
  /** Without `_total`. */
  readonly name: string;
  readonly type: "gauge" | "counter" | "histogram" | "summary";
  readonly help: string;
  readonly samples: readonly Sample[];
}

export type Dialect = "openmetrics" | "prometheus";

/** What each dialect is called where forms are chosen; the first is given where nobody asks. */
export const MEDIA_TYPES = ["application/openmetrics-text", "text/plain"] as const;
type MediaType = (typeof MEDIA_TYPES)[number];

const DIALECTS: Readonly<Record<MediaType, Dialect>> = {
  "application/openmetrics-text": "openmetrics",
  "text/plain": "prometheus",
};

const CONTENT_TYPES: Readonly<Record<Dialect, string>> = {
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
};

export function dialectOf(type: MediaType): { dialect: Dialect; contentType: string } {
  const dialect = DIALECTS[type];
  return { dialect, contentType: CONTENT_TYPES[dialect] };
}

/** Families without a sample are left out. */
export function expose(families: readonly Family[], dialect: Dialect): string {
  const lines = families
    .filter(({ samples }) => samples.length > 0)
    .flatMap((family) => [...headOf(family, dialect), ...family.samples.map(lineOf(family))]);
  if (dialect === "openmetrics") lines.push("# EOF");
  return `${lines.join("\n")}\n`;
}

function headOf({ name, type, help }: Family, dialect: Dialect): string[] {
  const isOpen = dialect === "openmetrics";
  const family = type === "counter" && !isOpen ? `${name}_total` : name;
  const unit = isOpen && name.endsWith("_seconds") ? [`# UNIT ${family} seconds`] : [];
  return [`# HELP ${family} ${escapedHelp(help)}`, `# TYPE ${family} ${type}`, ...unit];
}

function lineOf({ name, type }: Family) {
  return ({ suffix, labels, value }: Sample): string => {
    const ending = type === "counter" ? "_total" : (suffix ?? "");
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    return `${name}${ending}{${pairs.join(",")}} ${numeral(value)}`;
  };
}

/** OpenMetrics escapes these three in label values, and so does Prometheus. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** A quotation mark in a help text is escaped by OpenMetrics alone; ours have none. */
function escapedHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function numeral(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value);
}
