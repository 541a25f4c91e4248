/// Keeps the page fresh. It fetches the same markup that the server writes for readers without
/// scripts, when an event says that something changed and every few seconds; and draws how many
/// bytes a second networks carry, which only somebody who looks on can know.
enum PageScript {
    static let text = #"""
        "use strict";
        (() => {
          const main = document.getElementById("main"), live = document.getElementById("live");
          const history = new Map(), sent = new WeakSet();
          const samplesMax = 60;
          // Not the page's own address, which may have the password in it.
          const at = path => new URL(path, location.origin);
          let timer = 0, busy = false, again = false;

          const words = (tag, name, text) => {
            const made = document.createElement(tag);
            made.className = name;
            made.textContent = text;
            return made;
          };

          // What somebody who looks sees anyway is only said.
          const say = (text, isLive, unseen = "") => {
            if (live.textContent !== text + unseen) live.replaceChildren(text, words("span", "unseen", unseen));
            live.className = isLive ? "fresh" : "";
          };

          const rate = value => {
            for (const unit of ["B/s", "kB/s", "MB/s"]) {
              if (value < 1000) return value.toFixed(value > 0 && value < 10 ? 1 : 0) + " " + unit;
              value /= 1000;
            }
            return value.toFixed(1) + " GB/s";
          };

          const shape = (kind, values, top, name) => {
            const made = document.createElementNS("http://www.w3.org/2000/svg", kind);
            const x = index => (100 * (index + samplesMax - values.length) / (samplesMax - 1)).toFixed(2);
            const points = values.map((value, index) => x(index) + "," + (29 - 28 * value / top).toFixed(2));
            if (kind === "polygon") points.push("100,29", x(0) + ",29");
            made.setAttribute("class", name);
            made.setAttribute("points", points.join(" "));
            return made;
          };

          const plot = () => {
            const seconds = performance.now() / 1000;
            for (const card of main.querySelectorAll("[data-network]")) {
              const name = card.dataset.network, bytes = [+card.dataset.in, +card.dataset.out];
              const known = history.get(name) ?? { at: seconds, bytes, rates: [[0, 0]] };
              if (seconds - known.at > 0.9) {
                const age = seconds - known.at;
                known.rates.push(bytes.map((value, index) => Math.max(0, value - known.bytes[index]) / age));
                known.rates.splice(0, known.rates.length - samplesMax);
                known.at = seconds; known.bytes = bytes;
              }
              history.set(name, known);
              const place = card.querySelector(".plot");
              const top = Math.max(...known.rates.flat());
              place.hidden = top === 0;
              if (top === 0) continue;
              const last = known.rates[known.rates.length - 1];
              const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
              svg.setAttribute("viewBox", "0 0 100 30");
              svg.setAttribute("preserveAspectRatio", "none");
              svg.setAttribute("aria-hidden", "true");
              for (const [index, name] of ["in", "out"].entries()) {
                const values = known.rates.map(pair => pair[index]);
                svg.append(shape("polygon", values, top, name), shape("polyline", values, top, name));
              }
              const legend = document.createElement("p");
              legend.append(words("span", "in", rate(last[0]) + " in"), ", ",
                words("span", "out", rate(last[1]) + " out"), "; ", words("span", "", "at most " + rate(top)));
              place.replaceChildren(svg, legend);
            }
          };

          // Makes `old` like `now` and leaves alone what is so already: what somebody types, selects, scrolls
          // or has the focus on stays. What has an id is told from its siblings by it, the rest by its place.
          const morph = (old, now) => {
            if (old.hasAttribute("data-kept")) return;
            for (const name of new Set([...old.getAttributeNames(), ...now.getAttributeNames()])) {
              const value = now.getAttribute(name);
              if (value === null) old.removeAttribute(name);
              else if (old.getAttribute(name) !== value) old.setAttribute(name, value);
            }
            const children = [...now.childNodes], wanted = new Set(children.map(child => child.id).filter(Boolean));
            let place = old.firstChild;
            const drop = () => { const gone = place; place = place.nextSibling; gone.remove(); };
            for (const child of children) {
              let found = place;
              if (child.id) {
                found = [...old.children].find(one => one.id === child.id);
                // Rather than that it is moved, which takes the focus from it.
                while (found && place && place !== found && !wanted.has(place.id)) drop();
              } else if (place?.id || place?.nodeName !== child.nodeName) {
                found = undefined;
              }
              if (!found) { old.insertBefore(child, place); continue; }
              if (found === place) place = place.nextSibling; else old.insertBefore(found, place);
              if (found.nodeType === Node.ELEMENT_NODE) morph(found, child);
              else if (found.data !== child.data) found.data = child.data;
            }
            while (place) drop();
          };

          const replace = text => {
            const now = main.cloneNode(false), focus = document.activeElement;
            const home = main.contains(focus) && focus.closest("li[id], section")?.id;
            now.innerHTML = text;
            localTimes(now);
            morph(main, now);
            if (home && document.activeElement !== focus) {
              // It has gone, such as Up of what is up now: Tab goes on from where it was.
              const next = main.contains(focus) ? focus : document.getElementById(home)?.querySelector("h2, h3");
              next?.focus({ preventScroll: true });
            }
            plot();
          };

          const localTimes = where => {
            for (const time of where.querySelectorAll("time")) {
              time.textContent = new Date(time.dateTime).toLocaleTimeString();
            }
          };

          const refresh = async () => {
            if (busy) { again = true; return; }
            busy = true;
            try {
              const answer = await fetch(at("/page/main" + location.search), { cache: "no-store" });
              if (!answer.ok) throw new Error(answer.status);
              replace(await answer.text());
              // Said once to whoever cannot see that a form has come.
              const asked = [...main.querySelectorAll(".question label")].map(label => label.textContent);
              say("Live.", true, asked.map(text => ` ${text}.`).join(""));
            } catch {
              say("dvpn does not answer; this is how things were.", false);
            }
            busy = false;
            if (again) { again = false; soon(); }
          };
          const soon = () => { clearTimeout(timer); timer = setTimeout(refresh, 100); };

          main.addEventListener("submit", async event => {
            const form = event.target;
            if (form.method !== "post") return;
            event.preventDefault();
            // Not by disabling the button, which would lose the focus.
            if (sent.has(form)) return;
            sent.add(form);
            const fields = new URLSearchParams(new FormData(form));
            for (const field of form.querySelectorAll("input")) field.value = "";
            try {
              const answer = await fetch(at(event.submitter?.getAttribute("formaction") ?? form.getAttribute("action")), { method: "POST", body: fields, redirect: "manual" });
              document.querySelectorAll("header .message").forEach(old => old.remove());
              if (answer.type !== "opaqueredirect" && !answer.ok) {
                const message = words("p", "message", (await answer.text()).trim());
                message.setAttribute("role", "alert");
                document.querySelector("header").append(message);
              }
            } catch { say("dvpn does not answer.", false); }
            sent.delete(form);
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
          say("Live.", true);
          localTimes(main);
          plot();
        })();

        """#
}
