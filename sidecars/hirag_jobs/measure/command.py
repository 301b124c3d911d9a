"""`hirag-jobs measure`: finds what is to be measured, measures, reports."""

import sys
import time
from pathlib import Path

from hirag_jobs.keys import read_key
from hirag_jobs.measure.golden import embedded, questions
from hirag_jobs.measure.measuring import measure
from hirag_jobs.measure.noting import Trial, note, note_failure, trial_of
from hirag_jobs.measure.objectives import Objectives
from hirag_jobs.measure.report import Measurement, Report, name
from hirag_jobs.measure.sampling import NoVectorsError
from hirag_jobs.measure.settings import MeasureSettings
from hirag_jobs.measure.subject import Subject, find_subjects
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.rest import Rest
from hirag_kit.errors import HiragError

MISSED = 3


def run(settings: MeasureSettings) -> int:
    """Measures an index, or that of each tenant.

    Returns:
        The exit status: 0 measured, 3 measured and below what was asked for.

    Raises:
        HiragError: something cannot be measured; then nothing is reported.
    """
    began = time.monotonic()
    key = read_key(settings.api_key_file, "--api-key-file")
    asked = questions(settings)
    with (
        ObjectChannel(settings.grpc, key, secure=settings.secure) as channel,
        Rest(settings.weaviate_http_url, key) as rest,
    ):
        try:
            subjects = find_subjects(settings, key)
            queries, model = embedded(asked, settings) if asked else (None, None)
            measurements = [measure(channel, rest, subject, settings, queries) for subject in subjects]
            note(settings, rest, channel, subjects[0], trial_of(measurements[0], settings.k))
        except NoVectorsError as nothing:
            if settings.note is None:
                raise
            note(settings, rest, channel, subjects[0], Trial(why=nothing.message))
            print(nothing.message, file=sys.stderr)  # noqa: T201  for a person who reads the log
            return 0
        except HiragError as error:
            note_failure(settings, rest, channel, error)
            raise
    report = _report(settings, subjects[0], model, measurements)
    report.seconds = round(time.monotonic() - began, 3)
    _publish(report, settings.report)
    return MISSED if report.missed else 0


def _report(settings: MeasureSettings, subject: Subject, model: str | None, measurements: list[Measurement]) -> Report:
    objectives = Objectives(settings.min_recall, settings.max_p95_ms)
    collection = subject.part.collection
    named = [(one, name(one.tenant, collection)) for one in measurements]
    return Report(
        alias=settings.alias,
        collection=collection,
        vector=subject.vector,
        index_type=subject.index_type,
        distance=subject.distance_name,
        index_settings=dict(subject.settings),
        k=settings.k,
        queries="sample" if model is None else "questions",
        seed=settings.seed if model is None else None,
        model=model,
        measurements=measurements,
        missed=[sentence for one, what in named for sentence in objectives.missed(one, what, settings.k)],
        warnings=[
            f"{one.health.queue} vectors of {what} wait to be indexed, so its recall says little: give --await-queue"
            for one, what in named
            if one.health.queue
        ],
    )


def _publish(report: Report, file: Path | None) -> None:
    body = report.model_dump_json(indent=2)
    if file is not None:
        file.write_text(body + "\n", encoding="utf-8")
    print("\n".join(report.lines()), file=sys.stderr)  # noqa: T201  for a person at a terminal
    print(body)  # noqa: T201  the report is what this program is for
