"""Pages per second of the running site, each beside a view that does nothing."""

import random
from statistics import median, quantiles

from tests.benchmarks.client import apply_load
from tests.benchmarks.conftest import ROUNDS, WORKS
from tests.benchmarks.report import figure, table

CONNECTIONS = 8
SECONDS = 4.0
WARM_UP = 1.0


def test_pages(benchmark, populated, port, report):
    def measure():
        results = {scene.name: [] for scene in populated}
        for seconds in (WARM_UP, *[SECONDS] * ROUNDS):
            # Each round asks for everything once, in an order of its own, so that what else the machine does hits all alike.
            for scene in random.Random(len(results["hello"])).sample(populated, len(populated)):
                result = apply_load(port, CONNECTIONS, seconds, scene.paths, scene.headers)
                assert result["failures"] == 0, f"{scene.name}: {result['failures']} of {result['requests']} requests failed"
                if seconds == SECONDS:
                    results[scene.name].append(result)
        return results

    results = benchmark.pedantic(measure, rounds=1)
    rates = {name: [one["requests"] / one["seconds"] for one in rounds] for name, rounds in results.items()}
    rows = []
    for name, rounds in results.items():
        latencies = [latency for one in rounds for latency in one["latencies"]]
        cuts = quantiles(latencies, n=100)
        ratios = [rate / hello for rate, hello in zip(rates[name], rates["hello"], strict=True)]
        size = sum(one["bytes"] for one in rounds) / sum(one["requests"] for one in rounds) / 1024
        rows.append(
            [name, figure(median(rates[name])), f"{median(ratios):.0%}", f"{min(ratios):.0%}–{max(ratios):.0%}"]
            + [f"{figure(cuts[place])} ms" for place in (49, 94)]
            + [f"{size:,.0f} KB" if size >= 1 else "–"]
        )
    head = ["", "requests/s", "of hello", "in the rounds", "p50", "p95", "size"]
    report(
        "pages",
        f"{WORKS:,} works; {CONNECTIONS} connections; median of {ROUNDS} rounds of {SECONDS:.0f} s each, interleaved.\n\n"
        + table(head, rows),
    )
