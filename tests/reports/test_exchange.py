"""Formats of other tools, each against its own reader or a schema of its documented fields.

The Hub's formats are read back by huggingface_hub. Those of JUnit, Every Eval Ever (0.3) and lm-evaluation-harness
are checked by schemas written here from their documented fields.
"""

import json

import jsonschema
import msgspec
import pytest
import yaml
from huggingface_hub import ModelCard, metadata_load, parse_eval_result_entries
from huggingface_hub.repocard_data import model_index_to_eval_results
from lxml import etree

from mmbench.errors import UsageError
from mmbench_reports.exchange import every_eval_ever, github, hub, junit, lm_eval
from mmbench_reports.exchange.mains import hub_source, standard_error

JUNIT = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:complexType name="told"><xs:simpleContent><xs:extension base="xs:string">
  <xs:attribute name="message" type="xs:string"/><xs:attribute name="type" type="xs:string"/>
</xs:extension></xs:simpleContent></xs:complexType>
<xs:element name="properties"><xs:complexType><xs:sequence>
  <xs:element name="property" maxOccurs="unbounded"><xs:complexType>
    <xs:attribute name="name" type="xs:string" use="required"/>
    <xs:attribute name="value" type="xs:string" use="required"/></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element>
<xs:attributeGroup name="counts">
  <xs:attribute name="name" type="xs:string" use="required"/>
  <xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
  <xs:attribute name="failures" type="xs:nonNegativeInteger" use="required"/>
  <xs:attribute name="errors" type="xs:nonNegativeInteger" use="required"/>
  <xs:attribute name="skipped" type="xs:nonNegativeInteger"/>
  <xs:attribute name="time" type="xs:decimal"/><xs:attribute name="timestamp" type="xs:dateTime"/>
</xs:attributeGroup>
<xs:element name="testcase"><xs:complexType><xs:sequence>
  <xs:element ref="properties" minOccurs="0"/>
  <xs:choice minOccurs="0"><xs:element name="skipped" type="told"/><xs:element name="error" type="told"/>
    <xs:element name="failure" type="told"/></xs:choice>
  <xs:element name="system-out" type="xs:string" minOccurs="0"/></xs:sequence>
  <xs:attribute name="name" type="xs:string" use="required"/>
  <xs:attribute name="classname" type="xs:string" use="required"/>
  <xs:attribute name="time" type="xs:decimal"/></xs:complexType></xs:element>
<xs:element name="testsuites"><xs:complexType><xs:sequence>
  <xs:element name="testsuite" maxOccurs="unbounded"><xs:complexType><xs:sequence>
    <xs:element ref="properties" minOccurs="0"/><xs:element ref="testcase" minOccurs="0" maxOccurs="unbounded"/>
  </xs:sequence><xs:attributeGroup ref="counts"/></xs:complexType></xs:element>
</xs:sequence><xs:attributeGroup ref="counts"/></xs:complexType></xs:element>
</xs:schema>"""

TEXT = {"type": "string"}
DETAILS = {"type": "object", "additionalProperties": TEXT}


def _object(required: str, **properties):
    return {"type": "object", "required": required.split(), "properties": properties}


RESULT = _object(
    "evaluation_name source_data metric_config score_details",
    evaluation_result_id=TEXT,
    source_data=_object(
        "dataset_name source_type",
        source_type={"enum": ["url", "hf_dataset", "other"]},
        samples_number={"type": "integer"},
        additional_details=DETAILS,
    ),
    metric_config=_object(
        "lower_is_better",
        lower_is_better={"type": "boolean"},
        score_type={"enum": ["binary", "continuous", "levels"]},
        min_score={"type": "number"},
        max_score={"type": "number"},
    )
    | {"dependentRequired": {"score_type": ["min_score", "max_score"]}},
    score_details=_object(
        "score",
        score={"type": "number"},
        uncertainty=_object(
            "",
            num_samples={"type": "integer"},
            standard_error=_object("value", value={"type": "number"}, method=TEXT),
            confidence_interval=_object(
                "lower upper",
                lower={"type": "number"},
                upper={"type": "number"},
                confidence_level={"type": "number", "minimum": 0, "maximum": 1},
            ),
        ),
    ),
    generation_config=_object(
        "",
        generation_args={"type": "object", "additionalProperties": False, "properties": {"prompt_template": TEXT}},
        additional_details=DETAILS,
    ),
)
EVERY_EVAL_EVER = _object(
    "schema_version evaluation_id retrieved_timestamp source_metadata model_info eval_library evaluation_results",
    schema_version={"const": "0.3.0"},
    evaluation_id={"type": "string", "pattern": "^[^/]+/.+/[0-9.]+$"},
    evaluation_timestamp=TEXT,
    retrieved_timestamp={"type": "string", "pattern": "^[0-9.]+$"},
    source_metadata=_object(
        "source_type source_organization_name evaluator_relationship",
        source_type={"enum": ["documentation", "evaluation_run"]},
        evaluator_relationship={"enum": ["first_party", "third_party", "collaborative", "other"]},
        additional_details=DETAILS,
    ),
    eval_library=_object("name version", name=TEXT, version=TEXT),
    model_info=_object(
        "name id additional_details",
        inference_engine=_object("name", name=TEXT, version=TEXT),
        additional_details=DETAILS | {"required": ["deployment_type", "model_availability"]},
    ),
    evaluation_results={"type": "array", "items": RESULT},
    detailed_evaluation_results=_object(
        "format file_path", format={"const": "jsonl"}, hash_algorithm={"enum": ["sha256", "md5"]}
    ),
) | {"additionalProperties": False}
INSTANCE = _object(
    "schema_version evaluation_id model_id evaluation_name sample_id interaction_type input output "
    "answer_attribution evaluation",
    sample_id=TEXT,
    sample_hash=TEXT,
    interaction_type={"const": "single_turn"},
    input=_object("raw reference", raw=TEXT, reference={"type": "array", "items": TEXT}),
    output=_object("raw", raw={"type": "array", "items": TEXT}),
    answer_attribution={
        "type": "array",
        "items": _object("turn_idx source extracted_value extraction_method is_terminal"),
    },
    evaluation=_object("score is_correct", score={"type": "number"}, is_correct={"type": "boolean"}),
    error={"type": ["string", "null"]},
    metadata={"type": ["object", "null"], "additionalProperties": TEXT},
)
LM_EVAL = _object(
    "results configs versions n-shot higher_is_better n-samples config date model_name",
    results={
        "type": "object",
        "additionalProperties": _object("alias")
        | {"patternProperties": {"^[^,]+,none$": {"type": ["number", "string"]}}},
    },
    versions={"type": "object"},
    date={"type": ["number", "null"]},
    config=_object("model model_args batch_size random_seed"),
)
LM_EVAL["properties"]["n-samples"] = {
    "type": "object",
    "additionalProperties": _object(
        "original effective", original={"type": "integer"}, effective={"type": "integer"}
    ),
}


def _json(path):
    return json.loads(path.read_text())


def test_junit_follows_the_schema_and_counts(gallery, tmp_path):
    junit.render(gallery, tmp_path / "out.xml")
    root = etree.parse(tmp_path / "out.xml").getroot()
    etree.XMLSchema(etree.fromstring(JUNIT)).assertValid(root)
    assert dict(root.attrib)["tests"] == "8"
    assert [root.get(name) for name in ("failures", "errors", "skipped")] == ["2", "0", "2"]
    case = root.find(".//testcase[@name='vqa:scenes']")
    assert "the model ran out of memory" in case.find("failure").get("message")
    assert "accuracy: 62.0%" in case.findtext("system-out")


def test_junit_of_hostile_names_is_well_formed(make_run, told, tmp_path):
    run = make_run("\x00</x>&", told("]]>\x1b", values={"<m>": 0.5}), told("f", status="failed", reason='"\x00'))
    junit.render([run], tmp_path / "out.xml")
    root = etree.parse(tmp_path / "out.xml").getroot()
    etree.XMLSchema(etree.fromstring(JUNIT)).assertValid(root)
    assert root.get("errors") == "1"


def test_the_github_summary_is_short_first_and_whole_beneath(make_run, told, tmp_path):
    values = {"a": 0.9, "b": 0.5}
    runs = [make_run(name, told("x", values={"m": value}, scored=True)) for name, value in values.items()]
    github.render(runs, tmp_path / "out.md")
    text = (tmp_path / "out.md").read_text()
    short, _, folded = text.partition("<details>")
    assert short.startswith("# a is clearly better than b")
    assert "| x · toy | b | −40.0 | 🔴 worse, p < 0.001 |" in short
    assert "Provenance" in folded


def test_the_step_summary_of_an_action_is_appended_to(gallery, tmp_path, monkeypatch):
    out = tmp_path / "summary.md"
    out.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(out))
    github.render(gallery[:1], out)
    assert out.read_text().startswith("before\n# alpha scores")


def test_a_summary_that_would_be_too_long_loses_its_folded_part(gallery, tmp_path, monkeypatch):
    monkeypatch.setattr(github, "MOST", len(github.summary(gallery).encode()) - 1)
    github.render(gallery, tmp_path / "out.md")
    text = (tmp_path / "out.md").read_text()
    assert "<details>" not in text
    assert "62.0%" in text


@pytest.fixture
def on_the_hub(make_run, told):
    """A run with one task on the Hub's rows and one on embedded ones."""
    bounds = {"vqa-accuracy": (0, 100)}
    vqa = told("vqa", "vqav2", values={"vqa-accuracy": 61.5}, bounds=bounds, width=2.0)
    run = make_run("org/model", vqa, told("sentiment", values={"accuracy": 0.8}))
    run.manifest.tasks[0].dataset.source = "hub:lmms-lab/VQAv2@0123abc default/validation"
    return run


def test_eval_results_are_read_by_the_hub_library(on_the_hub, tmp_path):
    hub.eval_results([on_the_hub], tmp_path / "out.yaml")
    (entry,) = parse_eval_result_entries(yaml.safe_load((tmp_path / "out.yaml").read_text()))
    assert (entry.dataset_id, entry.task_id, entry.value) == ("lmms-lab/VQAv2", "default", 61.5)
    assert (entry.dataset_revision, entry.date) == ("0123abc", "2026-03-01T12:01:00Z")
    assert "95% interval 59.5 to 63.5" in entry.notes


def test_eval_results_need_a_dataset_on_the_hub_and_one_run(gallery, tmp_path):
    with pytest.raises(UsageError, match="no result on a dataset of the Hub"):
        hub.eval_results(gallery[:1], tmp_path / "out.yaml")
    with pytest.raises(UsageError, match="one run a file, not 2"):
        hub.eval_results(gallery, tmp_path / "out.yaml")


def test_the_model_index_is_read_by_the_hub_library(on_the_hub, tmp_path):
    hub.model_index([on_the_hub], tmp_path / "out.md")
    index = metadata_load(tmp_path / "out.md")["model-index"]
    name, results = model_index_to_eval_results(index)
    assert name == "org/model"
    first, second = results
    assert (first.task_type, first.dataset_type) == ("visual-question-answering", "lmms-lab/VQAv2")
    assert (first.metric_type, first.metric_value, first.dataset_split) == ("vqa-accuracy", 61.5, "validation")
    assert (second.dataset_type, second.metric_args["n"]) == ("mmbench-toy", 100)
    assert ModelCard.load(tmp_path / "out.md").data.eval_results == results


def test_every_eval_ever_follows_the_schema(gallery, tmp_path):
    every_eval_ever.render(gallery[:1], tmp_path / "out.json")
    document = _json(tmp_path / "out.json")
    jsonschema.validate(document, EVERY_EVAL_EVER)
    results = {found["evaluation_result_id"]: found for found in document["evaluation_results"]}
    assert results["vqa:scenes#accuracy"]["score_details"]["score"] == 0.62
    assert results["speech:digits#wer"]["metric_config"]["lower_is_better"] is True
    assert "score_type" not in results["speech:digits#wer"]["metric_config"], "it has no bound"
    lines = (tmp_path / "out_samples.jsonl").read_bytes().splitlines()
    told = document["detailed_evaluation_results"]
    assert (told["file_path"], told["total_rows"]) == ("out_samples.jsonl", len(lines))
    instances = [msgspec.json.decode(line) for line in lines]
    for instance in instances:
        jsonschema.validate(instance, INSTANCE)
        assert instance["evaluation_result_id"] in results
        assert instance["evaluation_id"] == document["evaluation_id"]
    assert sum(instance["error"] is not None for instance in instances) == 1
    assert sum(instance["evaluation"]["is_correct"] for instance in instances) > 5


def test_every_eval_ever_names_the_hub_dataset(on_the_hub, tmp_path):
    every_eval_ever.render([on_the_hub], tmp_path / "out.json")
    document = _json(tmp_path / "out.json")
    jsonschema.validate(document, EVERY_EVAL_EVER)
    source = document["evaluation_results"][0]["source_data"]
    assert (source["source_type"], source["hf_repo"]) == ("hf_dataset", "lmms-lab/VQAv2")


def test_lm_eval_has_its_keys_and_our_values(gallery, tmp_path):
    lm_eval.render(gallery[:1], tmp_path / "out.json")
    document = _json(tmp_path / "out.json")
    jsonschema.validate(document, LM_EVAL)
    values = document["results"]["vqa:scenes"]
    assert values["accuracy,none"] == 0.62
    assert values["accuracy_stderr,none"] == pytest.approx(0.05 / 1.96, rel=1e-3)
    assert document["higher_is_better"]["speech:digits"] == {"wer": False}
    assert document["n-samples"]["vqa:scenes"] == {"original": 100, "effective": 100}
    assert "caption:scenes" not in document["results"], "it was skipped"


def test_the_standard_error_is_that_of_the_interval(gallery):
    assert standard_error(gallery[0].entries[0]) == pytest.approx(0.0255, abs=1e-4)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("hub:org/name@abc default/test", ("org/name", "default", "test", "abc")),
        ("hub:org/name en/validation", ("org/name", "en", "validation", None)),
        ("mirror:org/name default/test[:10]", ("org/name", "default", "test[:10]", None)),
        ("embedded:toy", None),
        ("files:/data/x.jsonl", None),
    ],
)
def test_the_source_of_rows_is_read(on_the_hub, source, expected):
    record = on_the_hub.manifest.tasks[0]
    record.dataset.source = source
    found = hub_source(record)
    assert (found and (found.path, found.config, found.split, found.revision)) == expected
