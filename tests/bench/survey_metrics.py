"""What all survey metrics cost from the sufficient statistics on, at a million answers and at ten."""

import json

from tests.bench.processes import run_watched

ANSWERS = (1_000_000, 10_000_000)


def report_survey_metrics() -> str:
    """A Markdown table: CPU seconds of every metric and peak memory, by number of answers in 1,000 cells."""
    told = {n: json.loads(run_watched("tests.bench.survey_metrics_stage", str(n)).said) for n in ANSWERS}
    lines = [
        "Survey metrics from the marts on, 1,000 cells (CPU seconds):",
        "",
        "| | " + " | ".join(f"{n:,} answers" for n in ANSWERS) + " |",
        "|---|" + "---|" * len(ANSWERS),
    ]
    lines += [
        f"| {name} | " + " | ".join(f"{told[n]['seconds'][name]:.2f}" for n in ANSWERS) + " |"
        for name in told[ANSWERS[0]]["seconds"]
    ]
    totals = [sum(told[n]["seconds"].values()) for n in ANSWERS]
    lines.append("| all | " + " | ".join(f"{total:.2f}" for total in totals) + " |")
    lines.append("| rows of the marts | " + " | ".join(f"{told[n]['mart_rows']:,}" for n in ANSWERS) + " |")
    lines.append(
        "| peak memory, MB | " + " | ".join(f"{told[n]['peak_kb'] / 1024:,.0f}" for n in ANSWERS) + " |"
    )
    return "\n".join(lines) + f"\n\nTen times the answers cost {totals[1] / totals[0]:.2f} times as much."
