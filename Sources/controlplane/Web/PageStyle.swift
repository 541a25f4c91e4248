/// The page's looks: light and dark as the reader's system is, from a phone's width up.
enum PageStyle {
    static let text = """
        :root { color-scheme: light dark;
          --back: #f6f7f9; --card: #fff; --ink: #1c2430; --soft: #566070; --line: #d9dee6;
          --good: #17693a; --busy: #8a5a00; --bad: #b3261e; --calm: #566070; --link: #0b57a4; }
        @media (prefers-color-scheme: dark) { :root {
          --back: #12161c; --card: #1b212a; --ink: #e8ecf2; --soft: #a6b0be; --line: #313a47;
          --good: #6fd394; --busy: #f0bd5e; --bad: #ff9a91; --calm: #a6b0be; --link: #8ec1ff; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--back); color: var(--ink);
          font: 1rem/1.45 system-ui, sans-serif; }
        header { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; }
        h1 { margin: 0; font-size: 1.6rem; letter-spacing: -.02em; }
        h2 { margin: 1.75rem 0 .5rem; font-size: 1.1rem; }
        h3 { margin: 0; font-size: 1.05rem; overflow-wrap: anywhere; }
        header p, .rest, .reason { margin: 0; color: var(--soft); }
        a { color: var(--link); }
        .summary { display: grid; grid-template-columns: repeat(auto-fit, minmax(7rem, 1fr)); gap: .5rem;
          margin: 1rem 0; }
        .summary div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
          padding: .5rem .75rem; }
        .summary dt { color: var(--soft); font-size: .85rem; }
        .summary dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
        .summary .bad dd { color: var(--bad); }
        ul { list-style: none; margin: 0; padding: 0; }
        .health li { border-left: .3rem solid var(--busy); background: var(--card); padding: .5rem .75rem;
          margin-bottom: .5rem; border-radius: 0 .5rem .5rem 0; }
        .health .error { border-color: var(--bad); }
        .fix { color: var(--soft); }
        .networks { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(21rem, 100%), 1fr));
          gap: .75rem; margin-top: .75rem; }
        .network { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
          border-top: .25rem solid var(--calm); padding: .75rem; display: flex; flex-direction: column; gap: .5rem; }
        .network .state { float: right; font-size: .85rem; font-weight: 600; color: var(--calm); }
        .up, .draining { border-top-color: var(--good); } .up .state, .draining .state { color: var(--good); }
        .dialling, .cleaning { border-top-color: var(--busy); }
        .dialling .state, .cleaning .state { color: var(--busy); }
        .holdoff, .locked { border-top-color: var(--bad); } .holdoff .state, .locked .state { color: var(--bad); }
        .reason { font-size: .9rem; overflow-wrap: anywhere; }
        .network dl { margin: 0; font-size: .9rem; }
        .network dl div { display: grid; grid-template-columns: 7rem 1fr; gap: .5rem; }
        .network dt { color: var(--soft); }
        .network dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
        .plot svg { display: block; width: 100%; height: 3rem; }
        .plot polyline { fill: none; stroke-width: 1.5; vector-effect: non-scaling-stroke; }
        .plot .in { stroke: var(--good); } .plot .out { stroke: var(--link); }
        .plot p { margin: 0; font-size: .8rem; color: var(--soft); }
        .actions { margin-top: auto; display: flex; gap: .5rem; }
        button, input { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--soft);
          border-radius: .4rem; padding: .35rem .8rem; min-height: 2.2rem; }
        button { cursor: pointer; }
        button:hover { border-color: var(--link); }
        button:disabled { opacity: .6; cursor: progress; }
        :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
        .find, .question { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
        .question { background: var(--back); border: 1px solid var(--busy); border-radius: .5rem; padding: .6rem; }
        .question label { flex-basis: 100%; }
        .wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; padding: .35rem .75rem; border-bottom: 1px solid var(--line); vertical-align: top; }
        th { color: var(--soft); font-weight: 600; white-space: nowrap; }
        tr:last-child td { border-bottom: 0; }
        tr.warning td { color: var(--busy); } tr.error td { color: var(--bad); }
        .message { color: var(--bad); }

        """
}
