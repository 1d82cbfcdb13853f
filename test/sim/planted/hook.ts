/** Plants a bug into the modules of this process, as they are loaded. No file is changed. */
import { registerHooks } from "node:module";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { patched, patchesOf, type PlantedBug } from "./bug.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** @throws while a module is loaded, if the bug does not fit its source. */
export function plant(bug: PlantedBug): void {
  const patches = Map.groupBy(patchesOf(bug), ({ file }) => file);
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      const file = url.startsWith("file:")
        ? relative(ROOT, fileURLToPath(url)).split(sep).join("/")
        : "";
      const wanted = patches.get(file);
      if (wanted === undefined) return loaded;
      // Node strips the types after the hooks, so what is planted may be TypeScript too.
      return { ...loaded, source: wanted.reduce(patched, sourceOf(loaded.source)) };
    },
  });
}

function sourceOf(source: string | ArrayBuffer | NodeJS.TypedArray | undefined): string {
  if (typeof source === "string") return source;
  return new TextDecoder().decode(source);
}
