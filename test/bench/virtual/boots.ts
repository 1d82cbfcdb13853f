/** How long the boots of the embedded AWS take, with its defaults. */

/** From the create call to an address, in milliseconds. */
export const ADDRESS_MS = 47_000;
/** From the create call to the first answer of the media server, in milliseconds. */
export const FIRST_ANSWER_MS = 57_000;
