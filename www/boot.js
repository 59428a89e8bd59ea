// Starts the page. What the reader chose before is applied first, so that nothing flashes.
import init from "./pkg/page.js";

const root = document.documentElement;
try {
  const theme = localStorage.getItem("socketscope.theme");
  const lang = localStorage.getItem("socketscope.lang");
  if (theme) root.dataset.theme = theme;
  if (lang) root.lang = lang;
} catch {
  // A browser that keeps nothing for this page: the system's choice holds.
}

try {
  const wasm = await fetch(new URL("./pkg/page_bg.wasm", import.meta.url));
  if (!wasm.ok) throw new Error(`${wasm.url}: ${wasm.status}`);
  // Browsers compile while they load only what is called application/wasm; not every web server knows that name.
  const named = wasm.headers.get("content-type") === "application/wasm";
  await init({ module_or_path: named ? wasm : await wasm.arrayBuffer() });
} catch (error) {
  const loading = document.getElementById("loading");
  if (loading) {
    loading.textContent = `The page could not start: ${error}. Load it again, or try a newer browser. `
      + "页面无法启动：请重新加载，或换用较新的浏览器。";
    loading.setAttribute("role", "alert");
  }
  throw error;
}
