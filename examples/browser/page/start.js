import init, { run } from "./pkg/fief_browser.js";

try {
  await init();
  await run();
} catch (error) {
  document.getElementById("problem").textContent = `This page does not work: ${error}`;
}
