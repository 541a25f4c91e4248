/// The page's looks: light and dark as the reader's system is, from a phone's width up.
enum PageStyle {
    static let text = """
        :root { color-scheme: light dark;
          --back: #f4f6f9; --card: #fff; --ink: #19212c; --soft: #55606f; --line: #dde2ea; --field: #8a94a3;
          --good: #14663a; --busy: #865700; --bad: #b3261e; --calm: #55606f; --link: #0b57a4;
          --good-back: #e2f3e8; --busy-back: #fcefd6; --bad-back: #fce8e6; --calm-back: #eceff3;
          --shade: 0 1px 2px rgb(20 30 50 / .06), 0 2px 8px rgb(20 30 50 / .04); }
        @media (prefers-color-scheme: dark) { :root {
          --back: #10141a; --card: #191f28; --ink: #e8ecf2; --soft: #a3adbb; --line: #2b3440; --field: #77828f;
          --good: #74d698; --busy: #f0bd5e; --bad: #ff9a91; --calm: #a3adbb; --link: #8ec1ff;
          --good-back: #16311f; --busy-back: #36290f; --bad-back: #3d1d1b; --calm-back: #242c37;
          --shade: none; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 78rem; padding: 1.25rem clamp(.75rem, 3vw, 2rem) 3rem;
          background: var(--back); color: var(--ink); font: 1rem/1.45 system-ui, sans-serif; }
        header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; }
        h1 { margin: 0; font-size: 1.7rem; letter-spacing: -.03em; }
        h2 { margin: 0; font-size: 1.05rem; letter-spacing: -.01em; }
        h3 { margin: 0; font-size: 1.1rem; overflow-wrap: anywhere; }
        section { margin-top: 1.75rem; display: grid; gap: .6rem; grid-template-columns: minmax(0, 1fr); }
        .empty { display: flex; flex-wrap: wrap; gap: .2rem .75rem; align-items: baseline; }
        p { margin: 0; }
        header p, .rest, .reason, .fix, .age { color: var(--soft); }
        .rest { font-size: .9rem; }
        a { color: var(--link); }
        #live { margin-left: auto; font-size: .9rem; }
        #live.fresh::before { content: ""; display: inline-block; width: .6em; height: .6em; margin-right: .45em;
          border-radius: 50%; background: var(--good); }
        .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
          white-space: nowrap; }
        .message { flex-basis: 100%; padding: .6rem .9rem; border-radius: .5rem; white-space: pre-wrap;
          overflow-wrap: anywhere; }
        header .message { color: var(--bad); background: var(--bad-back); }
        dl, dd { margin: 0; }
        dt { color: var(--soft); }
        .summary { display: grid; grid-template-columns: repeat(6, 1fr); margin-top: 1rem; background: var(--card);
          border: 1px solid var(--line); border-radius: .75rem; box-shadow: var(--shade); }
        .summary div { display: flex; flex-direction: column-reverse; padding: .65rem 1rem; }
        .summary div + div { border-left: 1px solid var(--line); }
        .summary dt { font-size: .85rem; }
        .summary dd { font-size: 1.6rem; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; }
        .summary .none dd { color: var(--soft); font-weight: 400; }
        .summary .good dd { color: var(--good); } .summary .busy dd { color: var(--busy); }
        .summary .bad dd { color: var(--bad); }
        ul { list-style: none; margin: 0; padding: 0; }
        .health { display: grid; gap: .5rem; }
        .health li, .mistakes li, .card { background: var(--card); border: 1px solid var(--line); padding: .65rem .9rem;
          border-radius: .6rem; overflow-wrap: anywhere; }
        .health li { border-left: .3rem solid var(--busy); }
        .health .error, .mistakes li { border-left: .3rem solid var(--bad); }
        .top { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between; }
        .networks { display: grid; gap: .75rem; align-items: start;
          grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); }
        .network { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: .9rem 1rem;
          display: flex; flex-direction: column; gap: .55rem; box-shadow: var(--shade); }
        .head { display: flex; flex-wrap: wrap; gap: .2rem .6rem; align-items: baseline; }
        .state { padding: .1rem .6rem; border-radius: 1rem; font-size: .82rem; font-weight: 600;
          color: var(--calm); background: var(--calm-back); }
        .age { margin-left: auto; font-size: .85rem; font-variant-numeric: tabular-nums; }
        .up .state, .draining .state { color: var(--good); background: var(--good-back); }
        .dialling .state, .cleaning .state { color: var(--busy); background: var(--busy-back); }
        .holdoff .state, .locked .state { color: var(--bad); background: var(--bad-back); }
        .holdoff, .locked { border-color: var(--bad); }
        .holdoff .reason, .locked .reason { color: var(--ink); }
        .reason { font-size: .9rem; overflow-wrap: anywhere; }
        .network dl, .card dl { font-size: .9rem; display: grid; gap: 0 .75rem;
          grid-template-columns: max-content minmax(0, 1fr); }
        .network dl div, .card dl div { display: contents; }
        .network dd, .card dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
        .plot svg { display: block; width: 100%; height: 3.5rem; border-bottom: 1px solid var(--line); }
        .plot polyline { fill: none; stroke-width: 1.5; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
        .plot polygon { stroke: none; opacity: .14; }
        .plot polyline.in { stroke: var(--good); } .plot polyline.out { stroke: var(--link); }
        .plot polygon.in { fill: var(--good); } .plot polygon.out { fill: var(--link); }
        .plot p { margin-top: .3rem; font-size: .82rem; color: var(--soft); font-variant-numeric: tabular-nums; }
        .plot span.in { color: var(--good); } .plot span.out { color: var(--link); }
        .actions { padding-top: .25rem; display: flex; gap: .5rem; }
        button, input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--field);
          border-radius: .5rem; padding: .35rem .9rem; min-height: 2.4rem; }
        input { max-width: 100%; }
        button { cursor: pointer; font-weight: 500; }
        button:hover { border-color: var(--link); color: var(--link); }
        .actions form + form button { font-weight: 400; color: var(--soft); border-color: transparent; }
        .actions form + form button:hover { color: var(--link); border-color: var(--link); }
        :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
        .find, .question { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
        .find label { font-size: .9rem; color: var(--soft); }
        .question { background: var(--busy-back); border-radius: .6rem; padding: .75rem; }
        .question label { flex-basis: 100%; font-weight: 600; overflow-wrap: anywhere; }
        .question input { flex: 1 1 6rem; min-width: 0; }
        .wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
          box-shadow: var(--shade); }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; padding: .45rem 1rem; border-bottom: 1px solid var(--line); vertical-align: top; }
        th { position: sticky; top: 0; background: var(--card); color: var(--soft); font-size: .85rem; font-weight: 500; white-space: nowrap; }
        .wide { max-height: 28rem; }
        #part-events td:last-child, #part-parked td:last-child { min-width: 14rem; }
        td:not(:last-child) { white-space: nowrap; }
        tr:last-child td { border-bottom: 0; }
        tr.warning td { color: var(--busy); } tr.error td { color: var(--bad); }
        .bad { color: var(--bad); }
        .card, .mistakes, .mistakes li { display: grid; gap: .5rem; }
        code, pre { font: .85rem/1.4 ui-monospace, monospace; }
        .mistakes code { color: var(--bad); }
        pre { margin: 0; padding: .5rem .75rem; overflow-x: auto; background: var(--back); border-radius: .4rem; }
        @media (max-width: 40rem) {
          .summary { grid-template-columns: repeat(3, 1fr); }
          .summary div:nth-child(4) { border-left: 0; }
          .summary div:nth-child(n + 4) { border-top: 1px solid var(--line); }
          .find input { flex: 1 1 8rem; min-width: 0; }
          .find label { flex-basis: 100%; }
          th, td { padding: .45rem .75rem; }
        }

        """
}
