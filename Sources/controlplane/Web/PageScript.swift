/// Keeps the page fresh. It fetches the same markup that the server writes for readers without
/// scripts, when an event says that something changed and every few seconds; and draws how many
/// bytes a second networks carry, which only somebody who looks on can know.
enum PageScript {
    static let text = #"""
        "use strict";
        (() => {
          const main = document.getElementById("main"), live = document.getElementById("live");
          const history = new Map();
          const samplesMax = 60;
          // Not the page's own address, which may have the password in it.
          const at = path => new URL(path, location.origin);
          let timer = 0, busy = false, again = false, pressed = false;

          const say = text => { if (live.textContent !== text) live.textContent = text; };

          const rate = value => {
            for (const unit of ["B/s", "kB/s", "MB/s"]) {
              if (value < 1000) return value.toFixed(value < 10 ? 1 : 0) + " " + unit;
              value /= 1000;
            }
            return value.toFixed(1) + " GB/s";
          };

          const line = (values, top, name) => {
            const path = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
            path.setAttribute("class", name);
            path.setAttribute("points", values.map((value, index) =>
              (100 * (index + samplesMax - values.length) / (samplesMax - 1)).toFixed(2) + ","
              + (29 - 28 * value / top).toFixed(2)).join(" "));
            return path;
          };

          const plot = () => {
            const seconds = performance.now() / 1000;
            for (const card of main.querySelectorAll("[data-network]")) {
              const name = card.dataset.network, bytes = [+card.dataset.in, +card.dataset.out];
              const known = history.get(name) ?? { at: seconds, bytes, rates: [] };
              if (seconds - known.at > 0.9) {
                const age = seconds - known.at;
                known.rates.push(bytes.map((value, index) => Math.max(0, value - known.bytes[index]) / age));
                known.rates.splice(0, known.rates.length - samplesMax);
                known.at = seconds; known.bytes = bytes;
              }
              history.set(name, known);
              const top = Math.max(...known.rates.flat(), 0);
              if (top === 0) continue;
              const last = known.rates[known.rates.length - 1];
              const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
              svg.setAttribute("viewBox", "0 0 100 30");
              svg.setAttribute("preserveAspectRatio", "none");
              svg.setAttribute("aria-hidden", "true");
              svg.append(line(known.rates.map(pair => pair[0]), top, "in"),
                line(known.rates.map(pair => pair[1]), top, "out"));
              const words = document.createElement("p");
              words.textContent = `${rate(last[0])} in, ${rate(last[1])} out; at most ${rate(top)}`;
              const place = card.querySelector(".plot");
              place.replaceChildren(svg, words);
              place.hidden = false;
            }
          };

          // Whoever types must not lose what he has typed, nor his place.
          const replace = text => {
            const fields = [...main.querySelectorAll("input")].map(field => [field.id, field.value]);
            const focus = document.activeElement;
            const named = (element, attribute) => {
              const value = element.getAttribute(attribute);
              return value ? `[${attribute}="${CSS.escape(value)}"]` : "";
            };
            const kept = focus && main.contains(focus)
              ? named(focus, "id") || named(focus, "aria-label") || named(focus, "aria-labelledby")
              : "";
            const scrolled = [...main.querySelectorAll(".wide")]
              .map(table => [named(table, "aria-labelledby"), table.scrollLeft]);
            main.innerHTML = text;
            for (const [table, left] of scrolled) {
              const found = left > 0 && main.querySelector(table);
              if (found) found.scrollLeft = left;
            }
            for (const [id, value] of fields) {
              const field = document.getElementById(id);
              if (field && value) field.value = value;
            }
            if (kept) main.querySelector(kept)?.focus();
            plot();
          };

          const refresh = async () => {
            // A button that is pressed must not go away before it is let go.
            if (busy || pressed) { again = true; return; }
            busy = true;
            try {
              const answer = await fetch(at("/page/main" + location.search), { cache: "no-store" });
              if (!answer.ok) throw new Error(answer.status);
              replace(await answer.text());
              // Said once to whoever cannot see that a form has come.
              const asked = [...main.querySelectorAll(".question label")].map(label => label.textContent);
              say(["Live.", ...asked].join(" "));
            } catch {
              say("dvpn does not answer; this is how things were.");
            }
            busy = false;
            if (again) { again = false; soon(); }
          };
          const soon = () => { clearTimeout(timer); timer = setTimeout(refresh, 100); };

          document.addEventListener("pointerdown", () => { pressed = true; });
          for (const name of ["pointerup", "pointercancel", "blur"]) {
            window.addEventListener(name, () => setTimeout(() => {
              pressed = false;
              if (again) { again = false; soon(); }
            }));
          }

          main.addEventListener("submit", async event => {
            const form = event.target;
            if (form.method !== "post") return;
            event.preventDefault();
            const fields = new URLSearchParams(new FormData(form));
            for (const button of form.querySelectorAll("button")) button.disabled = true;
            for (const field of form.querySelectorAll("input")) field.value = "";
            try {
              const answer = await fetch(at(event.submitter?.getAttribute("formaction") ?? form.getAttribute("action")), { method: "POST", body: fields, redirect: "manual" });
              if (answer.type !== "opaqueredirect" && !answer.ok) {
                const message = document.createElement("p");
                message.className = "message";
                message.setAttribute("role", "alert");
                message.textContent = (await answer.text()).trim();
                document.querySelectorAll("header .message").forEach(old => old.remove());
                document.querySelector("header").append(message);
              } else {
                document.querySelectorAll("header .message").forEach(old => old.remove());
              }
            } catch { say("dvpn does not answer."); }
            refresh();
          });

          const listen = () => {
            const events = new EventSource(at("/v1/events/stream"));
            events.onopen = soon;
            for (const name of document.documentElement.dataset.events?.split(" ") ?? []) {
              events.addEventListener(name, soon);
            }
            events.onerror = () => {
              if (events.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
            };
          };
          listen();
          setInterval(() => { if (!document.hidden) refresh(); }, 2000);
          document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
          say("Live.");
          plot();
        })();

        """#
}
