/** The spec of a simulated fleet, as an operator writes it. */

type Section = Readonly<{ [key: string]: unknown }>;

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
