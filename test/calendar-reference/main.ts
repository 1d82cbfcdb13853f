/**
 * Every zone of the world, every transition of its clock from 2020 to 2040 and three days around it:
 * `npm run check:zones`. Names of zones as arguments limit it to these.
 */
import { TYPICAL } from "./entries.ts";
import { compareZone } from "./compare.ts";
import { distinctZones } from "./zones.ts";

const FROM = Date.UTC(2020, 0, 1);
const UNTIL = Date.UTC(2041, 0, 1);
const SHOWN_MAX = 20;

const named = process.argv.slice(2);
const names = named.length > 0 ? named : Intl.supportedValuesOf("timeZone");
const started = performance.now();
const zones = distinctZones(names, FROM, UNTIL);
let [transitions, boundaries, different] = [0, 0, 0];
const differences: string[] = [];
for (const [index, zone] of zones.entries()) {
  const compared = compareZone(zone);
  transitions += zone.transitions.length;
  boundaries += compared.boundaries;
  different += compared.different;
  differences.push(...compared.differences);
  console.log(
    `${index + 1}/${zones.length} ${zone.name}: ${zone.transitions.length} transitions, ${compared.boundaries} boundaries, ${compared.different} differences`,
  );
}
for (const difference of differences.slice(0, SHOWN_MAX)) console.log(difference);
const seconds = Math.round((performance.now() - started) / 1_000);
console.log(
  `${names.length} zones, ${zones.length} with clocks of their own, ${TYPICAL.length} entries: ${transitions} transitions, ${boundaries} boundaries compared, ${different} differences, ${seconds} s`,
);
process.exitCode = different === 0 ? 0 : 1;
