// uPlot gives the browser's language to Intl as it loads, and Intl throws at one that is no BCP 47 tag:
// Chromium says `en-US@posix` on a kiosk with LC_ALL=C. This script stands before uPlot's, and the page
// is in English, so English takes the place of such a language.
try {
  Intl.NumberFormat(navigator.language);
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  Object.defineProperty(navigator, "language", { value: "en", configurable: true });
}
