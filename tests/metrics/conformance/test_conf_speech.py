"""WER, CER, MER and WIL against jiwer, and Whisper's normaliser against transformers' copy of it."""

import ref_text
from conformance_table import compares, hub, run_all
from own_sentences import transcripts
from own_text import ADVERSARIAL
from score_text import corpus_value, frozen

from mmbench.metrics.speech import CER, MER, WER, WIL

OURS = {"wer": WER(), "cer": CER(), "mer": MER(), "wil": WIL()}
JIWER = "jiwer 4.0.0"


def live():
    """Yield (heard, said) corpora: own, silent, adversarial."""
    spoken = transcripts(301, 300)
    for start in range(0, len(spoken), 3):
        yield spoken[start : start + 3]
    for text, other in zip(ADVERSARIAL, [*ADVERSARIAL[1:], ADVERSARIAL[0]], strict=True):
        yield [(text, text)]
        yield [(text, other)]
        yield [(other, text), ("", text), (text, "")]
    yield [("", ""), ("", "")]
    yield [("three inserted words", "")]


def real():
    """Real transcripts; "heard" is the transcript of another, or the lower-cased words without the third."""
    import pyarrow.parquet as parquet

    said = []
    for path in sorted((hub() / "mini/asr-samples-en").rglob("*.parquet")):
        table = parquet.read_table(path)
        said += [
            row
            for name in ("text", "transcription", "sentence")
            if name in table.column_names
            for row in table[name].to_pylist()
        ]
    heard = [" ".join(text.lower().split()[:2] + text.split()[3:]) for text in said]
    yield list(zip(heard, said, strict=True))
    yield list(zip([*said[1:], said[0]], said, strict=True))
    yield from ([pair] for pair in zip(heard, said, strict=True))


def register(name, definition, pitfalls, source):
    """Register the comparisons of one rate."""

    @compares(name, definition=definition, source=source, reference=JIWER, pitfalls=pitfalls)
    def vectors():
        for case in frozen("speech"):
            yield corpus_value(OURS[name], zip(case["heard"], case["said"], strict=True)), case["values"][name]

    def against(corpora):
        for corpus in corpora:
            heard, said = zip(*corpus, strict=True)
            yield corpus_value(OURS[name], corpus), ref_text.speech_scores(heard, said)[name]

    @compares(name)
    def own_and_odd():
        yield from against(live())

    @compares(name, data=True)
    def hub_rows():
        yield from against(real())


register(
    "wer",
    "word edits over words of the reference, pooled over the corpus",
    (
        "the mean of sentence rates is not the pooled rate",
        "nothing is lower-cased and no punctuation removed unless a normaliser is asked for",
        "only spaces part words: a single tab does not",
        "without any reference word the value is the number of inserted words",
    ),
    "NIST; Morris et al. 2004",
)
register(
    "cer", "character edits over characters of the reference, pooled", ("spaces count",), "Morris et al. 2004"
)
register(
    "mer",
    "edits over aligned positions, pooled",
    ("depends on the alignment, not on the distance alone",),
    "Morris et al. 2004",
)
register(
    "wil", "1 - hits/words said x hits/words wanted, pooled", ("depends on the alignment",), "Morris et al. 2004"
)


@compares(
    "wer-whisper-en",
    definition="wer after Whisper's English normaliser",
    source="Radford et al. 2022",
    reference="transformers 5.23.0 (its copy of the normaliser) and jiwer 4.0.0",
    pitfalls=("English only; it rewrites numbers, contractions, titles and British spellings",),
)
def whisper():
    normalized = dict(frozen("whisper"))
    for heard, said in transcripts(5, 60):
        official = ref_text.speech_scores([normalized[heard]], [normalized[said]])["wer"]
        yield corpus_value(WER("whisper-en"), [(heard, said)]), official


test_comparisons = run_all(__name__)
