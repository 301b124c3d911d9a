from typing import Any, get_args

import pytest

from hirag_operator.plan.moves import (
    AllowWrites,
    AnnounceFreeze,
    AwaitSeals,
    BeginMigration,
    ClearNote,
    CompleteSwap,
    EndFreeze,
    ForgetMeasurements,
    FreezeWrites,
    Holder,
    OpenAlias,
    SwapAlias,
)
from hirag_operator.plan.steps import (
    AddProperty,
    ApplyChild,
    CorrectChild,
    CreateAlias,
    CreateCollection,
    CreateTenants,
    DeleteAlias,
    DeleteChild,
    DeleteCollection,
    DeleteTenants,
    GiveKey,
    HandOverReplicas,
    HoldJob,
    MoveAlias,
    ResumeJob,
    SetTenantStates,
    Step,
    UpdateCollection,
)

OLD, NEW = Holder("A_R1"), Holder("P_R2", "t")
FROM_OLD = {"source": "A_R1"}
SECRET = {"kind": "Secret", "metadata": {"ownerReferences": [{"name": "migrate-b"}]}, "data": {"key": "c2VjcmV0"}}
STEPS: list[tuple[Any, str, str]] = [
    (CreateCollection({"class": "A_R1"}), "CollectionCreated", "Created collection A_R1"),
    (UpdateCollection("A_R1", {}, ("x.ef", "y.b")), "CollectionChanged", "Changed x.ef, y.b of collection A_R1"),
    (AddProperty("A_R1", {"name": "author"}), "PropertyAdded", "Added property author to collection A_R1"),
    (CreateAlias("A", "A_R1"), "AliasCreated", "Pointed alias A at collection A_R1"),
    (MoveAlias("A", "A_R1"), "AliasMoved", "Pointed alias A at collection A_R1 again"),
    (DeleteAlias("A"), "AliasRemoved", "Removed alias A"),
    (DeleteCollection("A_R1"), "CollectionDeleted", "Deleted collection A_R1"),
    (CreateTenants("A_R1", {"a": "ACTIVE"}), "TenantsCreated", "Created 1 tenants in collection A_R1"),
    (SetTenantStates("A_R1", {"a": "X"}), "TenantsChanged", "Changed the state of 1 tenants in collection A_R1"),
    (DeleteTenants("A_R1", ("a", "b")), "TenantsRemoved", "Removed 2 tenants from collection A_R1"),
    (ApplyChild({"kind": "Service", "metadata": {"name": "m"}}), "ChildApplied", "Applied Service m"),
    (
        CorrectChild({"kind": "Service", "metadata": {"name": "m"}}, ("spec.type", "spec.selector")),
        "DriftCorrected",
        "Put back spec.type, spec.selector of Service m, changed by hand",
    ),
    (GiveKey(SECRET), "KeyGiven", "Gave Job migrate-b the key of its provider"),
    (HandOverReplicas("team-a", "m", 3), "ReplicasHandedOver", "Handed over the 3 replicas of Deployment m"),
    (HoldJob("hirag", "migrate-b"), "JobHeld", "Held Job migrate-b: its pods end, and what they carried stays"),
    (ResumeJob("hirag", "migrate-b"), "JobResumed", "Had Job migrate-b go on"),
    (DeleteChild("Service", "team-a", "m"), "ChildDeleted", "Deleted Service m"),
    (BeginMigration(NEW, FROM_OLD), "MigrationBegun", "Began to carry A_R1 into P_R2/t"),
    (AnnounceFreeze(NEW, FROM_OLD, 1, 10.0, 60.0), "FreezeAnnounced", "Announced a moment without writes to A_R1"),
    (FreezeWrites(OLD), "WritesFrozen", "Froze writes to A_R1"),
    (AwaitSeals(NEW, FROM_OLD, 1, 2.0), "CopySealed", "Had P_R2/t sealed: it holds what its source does"),
    (SwapAlias("A", OLD, NEW), "AliasSwapped", "Moved alias A from A_R1 to P_R2"),
    (OpenAlias("A", OLD, NEW, True), "AdoptionServed", "Made alias A of P_R2, which was filled from A_R1"),
    (CompleteSwap(NEW, FROM_OLD), "MigrationSwapped", "Swapped: P_R2/t serves, and A_R1 is kept as it was"),
    (EndFreeze(NEW, FROM_OLD), "FreezeEnded", "Gave up the freeze of A_R1"),
    (AllowWrites(OLD, "activation"), "WritesAllowed", "Allowed writes to A_R1"),
    (
        ForgetMeasurements("measurements of default/team-a/handbook/longTerm"),
        "MeasurementsForgotten",
        "Forgot measurements of default/team-a/handbook/longTerm",
    ),
    (ClearNote(NEW, {}), "NoteCleared", "Forgot what was noted of P_R2/t"),
]


@pytest.mark.parametrize(("step", "reason", "sentence"), STEPS, ids=[reason for _, reason, _ in STEPS])
def test_a_step_tells_what_was_done(step: Any, reason: str, sentence: str) -> None:
    assert (step.reason, str(step)) == (reason, sentence)


def test_every_step_has_its_sentence_here() -> None:
    assert {type(step) for step, _, _ in STEPS} == set(get_args(Step))


def test_a_step_that_gives_a_key_shows_it_nowhere() -> None:
    assert "c2VjcmV0" not in f"{GiveKey(SECRET)!r} {GiveKey(SECRET)}"
