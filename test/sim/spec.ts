/** The spec of a simulated fleet, as an operator writes it. */

export type Section = Readonly<{ [key: string]: unknown }>;

/** The name under which the key of the drain calls stands in the Worker's settings. */
export const DRAIN_SECRET = "DRAIN_KEY";

const HEALTH: Section = { kind: "http", port: 8080, path: "/health" };

export function specOf(changes: { [section: string]: Section }): { [section: string]: unknown } {
  const { health, ...others } = changes;
  return {
    region: "ap-northeast-2",
    availabilityZones: ["ap-northeast-2a", "ap-northeast-2c"],
    image: { blueprint: "ubuntu_22_04" },
    bundle: "medium_3_0",
    ports: [{ protocol: "tcp", from: 8080, to: 8080 }],
    tags: { team: "media" },
    ...others,
    health: { ...HEALTH, ...health },
  };
}
