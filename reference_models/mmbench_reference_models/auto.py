"""Makes the family known to Transformers' Auto classes; importing this module does it."""

import transformers

from mmbench_reference_models.configuration import ReferenceConfig
from mmbench_reference_models.features import ReferenceFeatureExtractor, ReferenceImageProcessor
from mmbench_reference_models.lstm import ReferenceLSTM
from mmbench_reference_models.modeling import ReferenceForConditionalGeneration
from mmbench_reference_models.processing import ReferenceProcessor
from mmbench_reference_models.span import ReferenceForQuestionAnswering

_WRITERS = (ReferenceForConditionalGeneration, ReferenceLSTM)
"""A checkpoint's ``architectures`` says which it is."""

transformers.AutoConfig.register(ReferenceConfig.model_type, ReferenceConfig)
transformers.AutoProcessor.register(ReferenceConfig, ReferenceProcessor)
transformers.AutoTokenizer.register(ReferenceConfig, fast_tokenizer_class=transformers.PreTrainedTokenizerFast)
transformers.AutoImageProcessor.register(ReferenceConfig, image_processor_classes={"pil": ReferenceImageProcessor})
transformers.AutoFeatureExtractor.register(ReferenceConfig, ReferenceFeatureExtractor)
for _auto in (
    transformers.AutoModelForMultimodalLM,
    transformers.AutoModelForImageTextToText,
    transformers.AutoModelForSeq2SeqLM,
    transformers.AutoModelForCausalLM,
):
    _auto.register(ReferenceConfig, _WRITERS)
transformers.AutoModelForQuestionAnswering.register(ReferenceConfig, ReferenceForQuestionAnswering)
