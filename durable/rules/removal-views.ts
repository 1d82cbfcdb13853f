/** How a fleet is removed, and what people are told of it. */

/** How a fleet is to be removed. */
export interface RemovalWish {
  readonly force: boolean;
  readonly reason?: string | null;
  /** The servers that may go on billing, by name and with commas: the fleet is forgotten without AWS. */
  readonly abandon?: string | null;
}

export interface Removal {
  readonly removing: true;
  /** It is forgotten already, without AWS. */
  readonly forgotten: boolean;
  /** Why it waits, what may go on billing, and what to do; null where AWS can be asked. */
  readonly waitsForAws: string | null;
}
