import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { contentSecurityPolicy } from "../pages/layout";
import type { Site } from "./site";

/**
 * The dashboard as a web application that only reads: GET alone, nothing from elsewhere, nothing kept by browsers.
 * @param site made of what is known now. @param hosts names by which it is asked for: another one is a page of somebody
 * else whose name was pointed here (DNS rebinding).
 */
export function dashboardApp(site: () => Promise<Site>, hosts: (host: string) => boolean): Hono {
  const app = new Hono();
  app.use(
    secureHeaders({
      xFrameOptions: "DENY",
      referrerPolicy: "no-referrer",
      crossOriginOpenerPolicy: "same-origin",
      crossOriginResourcePolicy: "same-origin",
      // It is not served by HTTPS: the address is this machine's alone.
      strictTransportSecurity: false,
    }),
  );
  app.use(async (context, next) => {
    // `frame-ancestors` counts in a header alone.
    context.header("Content-Security-Policy", `${contentSecurityPolicy}; frame-ancestors 'none'`);
    context.header("Cache-Control", "no-store");
    if (!hosts(context.req.header("host") ?? ""))
      return context.text("This dashboard is not served by that name.\n", 421);
    if (context.req.method !== "GET" && context.req.method !== "HEAD") {
      context.header("Allow", "GET, HEAD");
      return context.text("The dashboard only shows.\n", 405);
    }
    return next();
  });
  app.get("/", (context) => context.redirect("/index.html"));
  app.get("/*", async (context) => {
    const file = await (await site()).file(context.req.path.slice(1));
    if (!file) return context.text("There is no such page. See /index.html.\n", 404);
    return context.body(file.body, 200, { "Content-Type": file.type });
  });
  app.onError((error, context) =>
    context.text(
      `The dashboard cannot read its facts: ${error.message}\nTry again, or see: npx peregrine doctor\n`,
      503,
    ),
  );
  return app;
}
