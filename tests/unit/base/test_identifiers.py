import re
import uuid

from workbench.base.identifiers import Place, new_multi_region_key_id, new_request_id, new_uuid


def test_request_ids_are_random_version_4_uuids() -> None:
    made = [new_request_id() for _ in range(1000)]
    assert len(set(made)) == 1000
    for text in made:
        parsed = uuid.UUID(text)
        assert str(parsed) == text
        assert parsed.version == 4
        assert parsed.variant == uuid.RFC_4122


def test_key_ids_and_arns() -> None:
    assert uuid.UUID(new_uuid()).version == 4
    assert re.fullmatch(r"mrk-[0-9a-f]{32}", new_multi_region_key_id())
    assert Place().arn("kms", "key/x") == "arn:aws:kms:us-west-2:111122223333:key/x"
    assert Place().iam("root") == "arn:aws:iam::111122223333:root"
