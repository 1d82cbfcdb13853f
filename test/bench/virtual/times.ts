/** How long things take that nobody draws, in milliseconds. */

/** Between two ticks of an idle fleet. */
export const TICK_MS = 5_000;
/** From the create call to an address, by the defaults of the embedded AWS. */
export const ADDRESS_MS = 47_000;
/** From the create call to the first answer of the media server. */
export const FIRST_ANSWER_MS = 57_000;
