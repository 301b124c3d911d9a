from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.copying.notes import Checked, Freeze, Notes, Told
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.part import Part
from hirag_jobs.rest import Rest

TARGET = Part("Of_Notes", "mine")


def test_what_is_noted_is_read_again_and_the_time_of_a_seal_outlives_later_notes(
    weaviate_server: WeaviateServer, channel: ObjectChannel
) -> None:
    with Rest(weaviate_server.http_url, None) as rest:
        notes = Notes(rest, channel)
        notes.prepare()
        freeze = Freeze(freezing=True, source="Other/mine", since_ms=7)
        notes.freeze(TARGET, freeze)
        read = notes.freeze_of(TARGET)
        assert read is not None
        assert read.at > 0
        assert read.model_dump() == freeze.model_dump()
        checked = Checked(equal=1, unlike=1, checksum="0f", named=["an id (missing)"])
        notes.tell(TARGET, "1/1", Told(sealed="token", checked=checked))
        first = notes.told(TARGET, "1/1")
        assert first is not None
        assert (first.sealed_at, first.checked) == (first.at, checked)
        notes.tell(TARGET, "1/1", first)
        again = notes.told(TARGET, "1/1")
        assert again is not None
        assert (again.sealed_at, again.at >= first.at) == (first.at, True)
