import { REGIONS } from "./regions.ts";

/** A size that can be bought: the price is in US dollars a month. */
export interface Bundle {
  readonly id: string;
  readonly name: string;
  readonly instanceType: string;
  readonly priceUsd: number;
  readonly cpuCount: number;
  readonly ramGb: number;
  readonly diskGb: number;
  readonly transferGb: number;
  readonly power: number;
  readonly isActive: boolean;
}

/** An image: a bare operating system, or one with an application on it. */
export interface Blueprint {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly type: "os" | "app";
  readonly version: string;
  readonly username: string;
  readonly minPower: number;
  readonly isActive: boolean;
}

type Size = readonly [
  name: string,
  usd: number,
  cpus: number,
  ramGb: number,
  diskGb: number,
  tb: number,
  power: number,
];

// Prices and sizes: us-east-1, Linux, public IPv4. Powers are known for nano, micro and small; the rest go on in
// their steps. Other regions are given the same prices, which AWS does not promise.
const SIZES: readonly Size[] = [
  ["nano", 5, 2, 0.5, 20, 1, 298],
  ["micro", 7, 2, 1, 40, 2, 500],
  ["small", 12, 2, 2, 60, 3, 1000],
  ["medium", 24, 2, 4, 80, 4, 2000],
  ["large", 44, 2, 8, 160, 5, 3000],
  ["xlarge", 84, 4, 16, 320, 6, 4000],
  ["2xlarge", 164, 8, 32, 640, 7, 5000],
  ["4xlarge", 384, 16, 64, 1280, 8, 6000],
];

/** Retired sizes: listed with `includeInactive`, and no longer sold. */
const RETIRED_SIZES: readonly Size[] = [
  ["nano", 3.5, 1, 0.5, 20, 1, 300],
  ["micro", 5, 1, 1, 40, 2, 500],
  ["small", 10, 1, 2, 60, 3, 1000],
  ["medium", 20, 2, 4, 80, 4, 2000],
];

/** What a region sells, cheapest first; the retired ones last. */
export function bundlesOf(region: string): Bundle[] {
  const suffix = REGIONS.get(region)?.bundleSuffix ?? 0;
  return [
    ...SIZES.map((size) => bundle(size, 3, suffix, true)),
    ...RETIRED_SIZES.map((size) => bundle(size, 2, suffix, false)),
  ];
}

function bundle(size: Size, generation: number, suffix: number, isActive: boolean): Bundle {
  const [name, priceUsd, cpuCount, ramGb, diskGb, transferTb, power] = size;
  return {
    id: `${name}_${generation}_${suffix}`,
    name: name.charAt(0).toUpperCase() + name.slice(1),
    instanceType: name,
    priceUsd,
    cpuCount,
    ramGb,
    diskGb,
    transferGb: transferTb * 1024,
    power,
    isActive,
  };
}

/** The images; the same in every region. */
export const BLUEPRINTS: readonly Blueprint[] = [
  os("ubuntu_24_04", "Ubuntu", "ubuntu", "24.04 LTS", "ubuntu"),
  os("ubuntu_22_04", "Ubuntu", "ubuntu", "22.04 LTS", "ubuntu"),
  os("ubuntu_20_04", "Ubuntu", "ubuntu_20", "20.04 LTS", "ubuntu", false),
  os("debian_12", "Debian", "debian", "12.8", "admin"),
  os("debian_11", "Debian", "debian_11", "11.4", "admin"),
  os("amazon_linux_2023", "Amazon Linux 2023", "amazon_linux_2023", "2023.6", "ec2-user"),
  os("amazon_linux_2", "Amazon Linux 2", "amazon_linux", "2.0", "ec2-user"),
  os("almalinux_9", "AlmaLinux OS 9", "almalinux", "9.4", "ec2-user"),
  app("nginx", "Nginx", "1.27"),
  app("wordpress", "WordPress", "6.7"),
  app("lamp_8_bitnami", "LAMP (PHP 8)", "8.3"),
  app("nodejs", "Node.js", "22.11"),
];

function os(
  id: string,
  name: string,
  group: string,
  version: string,
  username: string,
  isActive = true,
): Blueprint {
  return { id, name, group, type: "os", version, username, minPower: 0, isActive };
}

function app(id: string, name: string, version: string): Blueprint {
  return {
    id,
    name,
    group: id,
    type: "app",
    version,
    username: "bitnami",
    minPower: 0,
    isActive: true,
  };
}
