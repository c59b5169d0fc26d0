"""The families that the small Lingshu is trained on, unseen items: what `make demo` reports its gain on."""

from eval.suites import Suite

FAMILIES = ["lab_range", "gcs", "curb65", "cha2ds2_vasc", "lesion_count", "lesion_size_mm"]

SUITE = Suite(
    name="clinic_test",
    use="clinic",
    split="test",
    n=480,
    knobs={"difficulty": 1, "families": FAMILIES},
    about="generated clinical reasoning, the six families of the demo (4 text, 2 image), difficulty 1",
)
