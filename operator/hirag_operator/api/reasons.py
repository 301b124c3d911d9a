"""Types of conditions and the reasons they may carry, each with what it means and what to do."""

from enum import StrEnum
from typing import Self


class Described(StrEnum):
    """A word on the wire with what it means and, where a person must act, the remedy."""

    meaning: str
    remedy: str

    def __new__(cls, value: str, meaning: str, remedy: str = "") -> Self:
        """A member; `remedy` is empty where nothing needs doing."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        member.remedy = remedy
        return member


class ConditionType(Described):
    """Types of conditions."""

    READY = "Ready", "The object does what its spec says, and observedGeneration is current."
    RECONCILING = "Reconciling", "Work towards the spec is going on; absent or False when there is none."
    STALLED = "Stalled", "The operator cannot go on without a change by a person; the message says which."
    SPEC_HONORED = "SpecHonored", "Every declared field is acted on; the message names those that are not."
    PASSAGES_FIT = "PassagesFit", "Passages cut by chunking are short enough for the model to read whole."
    SCHEDULES_ACTIVE = "SchedulesActive", "The CronJobs for summarization and compaction run as declared."
    IN_SYNC = "InSync", "What the operator made is as it made it; the message names what was changed by hand."
    SERVER_FIT = (
        "ServerFit",
        "The Weaviate server is of a version that the operator knows, and configured so that data is safe.",
    )
    WRITABLE = "Writable", "Weaviate takes writes into every level."
    COMPLIANT = "Compliant", "All levels that use the policy have their index as it says."
    OBJECTIVES_MET = "ObjectivesMet", "The measured recall, latency and memory meet the policy's objectives."


class Reason(Described):
    """Reasons of conditions."""

    # All kinds
    READY = "Ready", "Everything is as declared."
    RECONCILING = "Reconciling", "Steps towards the spec are being applied."
    PASSAGES_FIT = "PassagesFit", "chunking.maxTokens does not exceed the model's maxTokens."
    PASSAGES_CUT_OFF = (
        "PassagesCutOff",
        "The model reads fewer tokens than a passage may have, so the ends of long passages are not embedded.",
        "Lower spec.chunking.maxTokens, or use a model that reads more.",
    )
    SETTLED = "Settled", "Nothing is under way."
    NOT_STALLED = "NotStalled", "Nothing waits for a person."
    ALL_FIELDS_ACTED_ON = "AllFieldsActedOn", "Every declared field is acted on."
    FIELDS_NOT_ACTED_ON = (
        "FieldsNotActedOn",
        "The spec declares fields that this release accepts and does not act on.",
        "Remove the fields that the message names, or run a release that acts on them.",
    )
    KUBERNETES_REFUSED = (
        "KubernetesRefused",
        "The Kubernetes API refused a step; its message is in the condition's.",
        "Correct what the message names: a field of the spec, a quota, or the operator's RBAC.",
    )
    PAUSED = "Paused", "The operator leaves the object alone.", "Set spec.paused to false to go on."
    DELETING = "Deleting", "The object is being removed, as deletionPolicy says."
    INVALID_SPEC = "InvalidSpec", "The spec breaks a rule of the API.", "Correct the field that the message names."
    NAMESPACE_NOT_ALLOWED = (
        "NamespaceNotAllowed",
        "An object of another namespace is referred to that does not admit this one, or does not exist.",
        "Add this namespace to allowedNamespaces of the object referred to, or refer to one of this namespace.",
    )
    CHANGE_FORBIDDEN = (
        "ChangeForbidden",
        "The change can never be carried by a migration.",
        "Take the change back, or make a new object and move the data by export and import.",
    )
    CONFLICT = (
        "Conflict",
        "Something of the same name exists that the operator did not make.",
        "Rename the object or remove what the message names.",
    )
    IN_SYNC = "InSync", "Nothing that the operator made was changed by hand."
    UNSCHEDULABLE = (
        "Unschedulable",
        "No node takes a pod; the scheduler's own words are in the message.",
        "Add nodes, or change resources, node selector, tolerations or GPU profiles so that a node fits.",
    )
    VOLUME_NOT_BOUND = (
        "VolumeNotBound",
        "A PersistentVolumeClaim of a pod does not exist or is bound to no volume.",
        "Create the claim, or correct its name, size, access mode or storage class.",
    )
    IMAGE_PULL_FAILED = (
        "ImagePullFailed",
        "The image of a container, or one mounted as a volume, cannot be pulled.",
        "Correct the image's name and tag, or add the registry's credentials.",
    )
    CONTAINER_NOT_CREATED = (
        "ContainerNotCreated",
        "The node cannot make a container as its pod declares it, for want of a Secret, ConfigMap or runtime.",
        "Create what the message names.",
    )
    CRASH_LOOPING = (
        "CrashLooping",
        "A container ends again and again; its last words are in the message.",
        "Act on them; kubectl logs --previous shows more.",
    )
    OUT_OF_MEMORY = (
        "OutOfMemory",
        "A container was ended because it used more memory than its limit.",
        "Raise the memory limit, or let it use less: smaller batches, a smaller model.",
    )
    POD_FAILED = (
        "PodFailed",
        "A pod ended with a failure, or was evicted by its node.",
        "See the message and the pod's logs.",
    )
    QUOTA_EXCEEDED = (
        "QuotaExceeded",
        "A ResourceQuota of the namespace admits no more pods of this size, or no more objects of a kind.",
        "Raise the quota, remove what it is used for, or ask for less in resources.",
    )
    PODS_REFUSED = (
        "PodsRefused",
        "The API server admits no pod as it is declared: pod security, a LimitRange, an admission policy.",
        "Change what the message names.",
    )
    VOLUME_CHANGE_FORBIDDEN = (
        "VolumeChangeForbidden",
        "A PersistentVolumeClaim that exists cannot change in this way.",
        "Take the change back, or delete the claim, so that it is made anew; a cache fills again by itself.",
    )
    # EmbeddingModel
    PROBE_FAILED = (
        "ProbeFailed",
        "The endpoint does not answer, or not with an embedding.",
        "See the message and the logs of the embedder's pods; check external.url for an external provider.",
    )
    DIMENSIONS_MISMATCH = (
        "DimensionsMismatch",
        "The model returns vectors of another length than spec.dimensions.",
        "Set spec.dimensions to the length that the message names, or serve another model.",
    )
    DECLARATION_MISMATCH = (
        "DeclarationMismatch",
        "The server describes itself otherwise than the spec declares, so its vectors are others than meant.",
        "Correct the field that the message names, or the server.",
    )
    VECTORS_UNUSABLE = (
        "VectorsUnusable",
        "The model's vectors are zero, not finite, or the same for different texts.",
        "Serve the model's files undamaged, in a precision that they stand.",
    )
    VECTORS_CHANGED = (
        "VectorsChanged",
        "The model answers other vectors than those that it was proved with, though the spec declares the same.",
        "Restore the files or the provider, or accept the new vectors: delete the ConfigMap that the message names.",
    )
    PROVIDER_NOT_AUTHORIZED = (
        "ProviderNotAuthorized",
        "The provider does not accept the key of external.apiKeySecretRef, or wants one.",
        "Correct the key in the Secret that the message names.",
    )
    PODS_NOT_READY = (
        "PodsNotReady",
        "Fewer pods are ready than asked for; the message carries the cause of the first that is not.",
        "Act on the cause: image, scheduling, resources or start-up deadline.",
    )
    STARTUP_DEADLINE_EXCEEDED = (
        "StartupDeadlineExceeded",
        "No pod became ready within serving.startupDeadlineSeconds.",
        "See the pods' events; raise the deadline for large models.",
    )
    SECRET_NOT_FOUND = (
        "SecretNotFound",
        "A Secret or a key in it that the spec refers to does not exist.",
        "Create the Secret with the key in the object's namespace.",
    )
    SECRET_FORBIDDEN = (
        "SecretForbidden",
        "The operator has no right to read a Secret that the spec refers to; it has that of single Secrets, by name.",
        "Name the Secret in secrets.allowed of the Helm chart, or grant get, list and watch of it in its namespace.",
    )
    # ContextCollection
    EMBEDDING_MODEL_NOT_FOUND = (
        "EmbeddingModelNotFound",
        "The EmbeddingModel of embeddingModelRef does not exist.",
        "Create it, or correct embeddingModelRef.",
    )
    EMBEDDING_MODEL_NOT_READY = (
        "EmbeddingModelNotReady",
        "The EmbeddingModel is not Ready yet, so its vectors are not proved.",
        "Look at the EmbeddingModel's own conditions.",
    )
    INDEX_POLICY_NOT_FOUND = (
        "IndexPolicyNotFound",
        "An HNSWIndexPolicy of an indexPolicyRef does not exist; a level that was made by it keeps its index.",
        "Create it, or correct indexPolicyRef.",
    )
    CONNECTION_NOT_FOUND = (
        "ConnectionNotFound",
        "The operator is not configured with the connection that weaviate.connection names.",
        "Correct weaviate.connection, or add the connection to the operator's configuration.",
    )
    WEAVIATE_UNREACHABLE = (
        "WeaviateUnreachable",
        "Weaviate does not answer; the operator retries with growing pauses.",
        "Check that Weaviate runs and that the operator's network and credentials reach it.",
    )
    WEAVIATE_VERSION_UNSUPPORTED = (
        "WeaviateVersionUnsupported",
        "The server is of a version that lacks what the operator needs, or that it was not tried with.",
        "Run a version of Weaviate that the message names.",
    )
    WEAVIATE_READ_ONLY = (
        "WeaviateReadOnly",
        "Weaviate refuses writes into a shard: its disk or memory is full, or a person set it READONLY. Reads go on.",
        "Make room, then restart Weaviate or set the shards that the message names READY; Weaviate does neither alone.",
    )
    INDEX_EMPTY = (
        "IndexEmpty",
        "A change in place waits: Weaviate would spoil an index with quantization rq that holds no object yet.",
        "Write a first object into every shard, or take the change back; the change is applied by itself then.",
    )
    WEAVIATE_GARBLED = (
        "WeaviateGarbled",
        "What answers at the connection's address does not answer as a Weaviate does.",
        "Correct the URL of the connection, or the proxy between; a server in trouble may answer so for a while.",
    )
    WEAVIATE_NOT_AUTHORIZED = (
        "WeaviateNotAuthorized",
        "Weaviate does not accept the connection's key, or the key may not do a step.",
        "Correct the key of the connection, or the rights of its user in Weaviate.",
    )
    WEAVIATE_REFUSED = (
        "WeaviateRefused",
        "Weaviate answered and refused a step; its message is in the condition's.",
        "Correct what Weaviate names; some options need the server's configuration.",
    )
    COLLECTION_MISSING = (
        "CollectionMissing",
        "Data of the object was deleted from Weaviate behind the operator's back.",
        "Restore the collection from a backup, or set spec.lossPolicy to Recreate to have an empty one made.",
    )
    REVISION_AMBIGUOUS = (
        "RevisionAmbiguous",
        "An alias is gone and several collections could be behind it; or a new revision has the name of one with data.",
        "Point the alias at the right collection by hand; or remove the one that the message names.",
    )
    MIGRATION_REQUIRED = (
        "MigrationRequired",
        "The change needs a new revision of the data, and this one cannot be migrated; the old one serves untouched.",
        "Do what the message names, or take the change back, or make a new ContextCollection and ingest into it.",
    )
    AUTO_SCHEMA_ENABLED = (
        "AutoSchemaEnabled",
        "The server creates collections on write, which can bring back a removed one through an alias.",
        "Run Weaviate with AUTOSCHEMA_ENABLED=false.",
    )
    SERVER_FIT = "ServerFit", "The server's version and configuration are as they should be."
    WRITABLE = "Writable", "No shard is READONLY."
    MIGRATION_PENDING_APPROVAL = (
        "MigrationPendingApproval",
        "The change needs a new revision of the data, and migration.approval is Manual; the old one serves untouched.",
        "Set spec.migration.approvedPlan, or annotation hirag.dev/approve, to status.migration.plan; or take it back.",
    )
    ROLLED_BACK = (
        "RolledBack",
        "The annotation hirag.dev/rollback names the plan that the spec leads to, so what served before it serves.",
        "Change the spec; or take the annotation away to have the change carried out after all.",
    )
    ROLLBACK_REFUSED = (
        "RollbackRefused",
        "The annotation hirag.dev/rollback names the plan that the spec leads to, and there is no way back.",
        "Do what the message names, and take the annotation away.",
    )
    NOT_ENOUGH_SPACE = (
        "NotEnoughSpace",
        "A second revision has no room beside what Weaviate holds, by its connection's capacity; the old one serves.",
        "Give Weaviate more and declare it, set migration.keepPrevious to false, use a quantization, or take it back.",
    )
    MIGRATING = (
        "Migrating",
        "Data is carried into a new revision; reads and writes go on, but for a moment without writes at the swap.",
    )
    ADOPTION_REFUSED = (
        "AdoptionRefused",
        "The level cannot be filled from the collection that adoptFrom names; nothing is carried.",
        "Act on the message, which names the field, or remove adoptFrom.",
    )
    ADOPTION_HELD = (
        "AdoptionHeld",
        "The level is filled and verified, and is not served yet: adoptFrom.cutOver is Hold.",
        "Set adoptFrom.cutOver to Auto when its clients may move.",
    )
    ADOPTION_AWAITS_REMOVAL = (
        "AdoptionAwaitsRemoval",
        "The adopted collection has the name of the level's alias; the copy is whole, and it takes no writes.",
        "Remove the collection from Weaviate, as the message says, or remove adoptFrom.",
    )
    MIGRATION_FAILED = (
        "MigrationFailed",
        "The new revision could not be filled, or did not verify; the old one serves on.",
        "Act on the message: change the spec, delete the Job that it names to try again, or take the change back.",
    )
    DRIFTED = (
        "Drifted",
        "What the operator made was changed by hand, in Weaviate or in Kubernetes, and driftPolicy is Warn.",
        "Change the spec to match, or set driftPolicy to Enforce.",
    )
    DRIFT_CORRECTED = "DriftCorrected", "What another hand had changed was put back, as driftPolicy Enforce says."
    TENANT_REMOVAL_HELD = (
        "TenantRemovalHeld",
        "More tenants would be removed at once than multiTenancy.removal.maxPercent allows, so none is removed.",
        "Take the change back, or raise multiTenancy.removal.maxPercent.",
    )
    COLLECTION_RECREATED = (
        "CollectionRecreated",
        "Data deleted behind the operator's back was replaced by an empty collection, as lossPolicy says.",
        "Ingest again, or restore a backup.",
    )
    DATA_ABANDONED = (
        "DataAbandoned",
        "The object is gone and its data was not removed, as its annotation hirag.dev/abandon-data asked.",
        "Remove the data from Weaviate by hand once it can be reached.",
    )
    DATA_RETAINED = "DataRetained", "The object is gone and its data stays in Weaviate, as deletionPolicy Retain says."
    PROGRAM_NOT_AVAILABLE = (
        "ProgramNotAvailable",
        "The jobs image of this release has no such program, so the CronJob is suspended.",
        "Remove the section, or run a release whose jobs image has the program.",
    )
    JOB_FAILED = (
        "JobFailed",
        "The last run of a schedule failed; the message carries the cause.",
        "Act on the cause; see the Job's pods and their logs.",
    )
    SCHEDULED = "Scheduled", "The CronJobs exist as declared."
    # HNSWIndexPolicy
    NOT_BOUND = "NotBound", "No level of a ContextCollection uses the policy yet."
    BOUND = "Bound", "At least one level of a ContextCollection uses the policy."
    REBUILD_PENDING = (
        "RebuildPending",
        "Levels run on an index that only a new revision can make as the policy says; they serve as they are.",
        "None while they are migrated; where a collection waits or fails, act on its reason, or take the change back.",
    )
    NOT_TAKEN_UP = (
        "NotTakenUp",
        "Collections that use the policy have not taken up its present settings; the message carries their reasons.",
        "Act on the reason of the collection; a moment after a change of the policy there is nothing to do.",
    )
    # Objectives
    OBJECTIVES_MET = "ObjectivesMet", "What was measured meets all objectives."
    NOT_MEASURED = (
        "NotMeasured",
        "No measurement of the index as it is now is there yet; one is due, waits for its turn, or cannot be made.",
        "None, unless the message names what stands in the way.",
    )
    NOTHING_TO_MEASURE = "NothingToMeasure", "There are fewer than two vectors, so there are no neighbours to find."
    TUNING = "Tuning", "ef is being looked for: it is changed and measured step by step, within objectives.tuning.ef."
    OBJECTIVES_MISSED = (
        "ObjectivesMissed",
        "A measured figure misses its objective.",
        "Raise ef, or have it tuned, for recall; choose a quantization for memory; give Weaviate more for latency.",
    )
    REBUILD_PROPOSED = (
        "RebuildProposed",
        "No ef within objectives.tuning.ef reaches the recall; another index could. It is proposed, and never made.",
        "Make the change of the policy that the message names: collections are migrated then. Or lower the target.",
    )
    MEMORY_NEAR_LIMIT = (
        "MemoryNearLimit",
        "All objectives are met, and the index takes more than 80 % of objectives.memory.limit, by an estimate.",
        "Choose a quantization, or raise the limit, before it is reached.",
    )
    MEASUREMENT_FAILED = (
        "MeasurementFailed",
        "The Job that measures failed; what was measured before stays told. It is tried again after an hour.",
        "Act on the message; delete the Job that it names to have it tried sooner.",
    )
