import { escapeHtml } from "../contract/html";

const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2rem; border-bottom: 1px solid; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); overflow-wrap: anywhere; }
small, .evidence { opacity: .75; font-size: .85rem; overflow-wrap: anywhere; }
.missing { font-weight: bold; } ul { padding-left: 1.25rem; } li { overflow-wrap: anywhere; }`;

/**
 * A page of its own: no script, nothing from elsewhere, readable without either.
 * @param body HTML, with everything from outside escaped.
 * @param more `style` beside what all pages have; `pictures` lets pictures show that are in the page itself.
 */
export function htmlPage(
  title: string,
  body: string,
  { style: own = "", pictures = false }: { readonly style?: string; readonly pictures?: boolean } = {},
): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'${pictures ? "; img-src data:" : ""}">
<title>${escapeHtml(title)}</title>
<style>${style}${own}
</style>
</head>
<body>
${body}
</body>
</html>
`;
}
