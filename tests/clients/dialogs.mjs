// The official TypeScript client, as a person's assistant: it makes a plan, asks for it to be
// applied, answers what it is asked, and writes what was asked and answered as JSON lines.
//
//   node dialogs.mjs ERA TRANSPORT ANSWER   (stdio COMMAND... | http URL TOKEN)
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const [era, answer, modes, transport, ...rest] = process.argv.slice(2);
const say = (what) => console.log(JSON.stringify(what));
const elicitation = Object.fromEntries(modes.split(",").filter(Boolean).map((mode) => [mode, {}]));
const capabilities = modes ? { elicitation } : {};
const client = new Client(
  { name: "typescript", version: "2" },
  { capabilities, versionNegotiation: { mode: era === "modern" ? "auto" : "legacy" } },
);
if (modes)
  client.setRequestHandler("elicitation/create", async ({ params }) => {
    say({ asked: params.mode ?? "form", message: params.message, url: params.url ?? null });
    const [action, approve] = answer.split(":");
    const isForm = params.mode !== "url" && action === "accept";
    return isForm ? { action, content: { approve: approve === "yes" } } : { action };
  });

await client.connect(
  transport === "stdio"
    ? new StdioClientTransport({ command: rest[0], args: rest.slice(1), env: process.env })
    : new StreamableHTTPClientTransport(new URL(rest[0]), {
        requestInit: { headers: { Authorization: `Bearer ${rest[1]}` } },
      }),
);
const call = async (name, args) => (await client.callTool({ name, arguments: args }));
const soon = new Date(Date.now() + 20 * 86400e3).toISOString().slice(0, 10);
const flag = "release.greeter.hello";
await call("create_flag", { name: flag, description: "Hello", owner: "greeters", expires_on: soon });
const { plan } = (await call("wrap_change", { flag })).structuredContent;
const applied = await call("apply_plan", { plan });
say({ plan, ...applied.structuredContent, error: applied.isError ? applied.content[0].text : null });
await client.close();
