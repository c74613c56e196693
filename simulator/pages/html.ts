/** Text that is HTML already. Everything else is escaped where it meets markup. */
export class Html {
  constructor(readonly text: string) {}
}

type Piece = string | number | null | Html | readonly Html[];

/** html`<p>${subject}</p>`: whatever a merchant puts into a subject stays text. */
export function html(parts: TemplateStringsArray, ...pieces: Piece[]): Html {
  return new Html(parts.map((part, index) => (index === 0 ? part : `${rendered(pieces[index - 1] ?? null)}${part}`)).join(''));
}

function rendered(piece: Piece): string {
  if (piece === null) return '';
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'object') return piece.map((each) => each.text).join('');
  return String(piece).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
  :root { color-scheme: light; font: 16px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
  body { margin: 0; background: #f2f4f7; color: #1c2430; }
  main { max-width: 30rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
  main.wide { max-width: 60rem; }
  header { color: #5b6675; font-size: .9rem; padding: .25rem 0 1rem; }
  section { background: #fff; border-radius: 14px; padding: 1.25rem; box-shadow: 0 1px 3px #1c243014; margin-bottom: 1rem; overflow-x: auto; }
  h1 { font-size: 1.15rem; margin: 0 0 .75rem; overflow-wrap: anywhere; }
  small { display: block; color: #5b6675; font-weight: normal; }
  .amount { font-size: 2.4rem; font-weight: 650; margin: .25rem 0 1rem; font-variant-numeric: tabular-nums; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1rem; margin: 0; }
  dt { color: #5b6675; } dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
  button, .button { display: block; width: 100%; box-sizing: border-box; border: 0; border-radius: 10px; padding: .85rem; margin-top: .75rem;
    font: inherit; font-weight: 600; text-align: center; text-decoration: none; background: #1668dc; color: #fff; cursor: pointer; }
  button.quiet { background: #e8ecf2; color: #1c2430; }
  .button small, button small { color: inherit; opacity: .8; }
  .code svg { display: block; width: min(16rem, 100%); margin: 0 auto; } code { overflow-wrap: anywhere; }
  .result { font-size: 1.3rem; font-weight: 650; margin: .25rem 0 1rem; }
  table { border-collapse: collapse; width: 100%; font-size: .92rem; } td, th { text-align: left; padding: .45rem .5rem; border-top: 1px solid #e8ecf2; }
  th { border: 0; color: #5b6675; font-weight: 500; } td.number { text-align: right; font-variant-numeric: tabular-nums; }
`;

/** A whole page, with nothing from anywhere else. `then` is an address that the browser moves on to by itself. */
export function page(title: string, content: Html, options: { wide?: boolean; then?: string | null } = {}): string {
  const refresh = options.then ? html`<meta http-equiv="refresh" content="${`3;url=${options.then}`}" />` : null;
  const body = html`<!doctype html>
    <html lang="zh-CN">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${refresh}
        <title>${title}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <main class="${options.wide ? 'wide' : ''}">
          <header>算盘支付模拟器 · 仅供开发<small>Suanpan gateway simulator · for development, no real money</small></header>
          ${content}
        </main>
      </body>
    </html>`;
  return body.text;
}
