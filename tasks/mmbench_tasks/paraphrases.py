"""Other ways to say the same prompt. How far scores spread over them tells how much a number owes to its wording.

The keys are the templates that tasks and datasets use; a paraphrase holds the same fields and asks for the same
form of answer. ``--set variant=1`` takes the first one, and so on; 0 is the template itself.
"""

from mmbench.errors import UsageError

_EXTRACT = "{context}\n\nQuestion: {question}\nAnswer with words from the text, as few as possible.{hint}\nAnswer:"

PARAPHRASES: dict[str, tuple[str, ...]] = {
    "{question}\nAnswer with one word or a short phrase.\nAnswer:": (
        "Look at the picture and answer briefly.\nQuestion: {question}\nShort answer:",
        "{question}\nGive the answer only, in a word or a few.\nAnswer:",
        "About this picture: {question}\nReply with a word or a short phrase and nothing else.\nReply:",
    ),
    "{question}\nAnswer with one of these: {choices}.\nAnswer:": (
        "Question: {question}\nPossible answers: {choices}.\nThe right answer is:",
        "{question}\nChoose from {choices}.\nAnswer:",
        "{question} Say {choices}, and nothing else.\nReply:",
    ),
    "{question}\n{options}\nAnswer with the letter of the right option.\nAnswer:": (
        "Question: {question}\nOptions:\n{options}\nThe letter of the right option is:",
        "{question}\n\n{options}\n\nWhich option is right? Give its letter only.\nAnswer:",
        "Choose the right option and reply with its letter.\n{question}\n{options}\nLetter:",
    ),
    "{question}\nIs this statement about the picture true or false? Answer with one word.\nAnswer:": (
        "Statement: {question}\nDoes the picture show this? Answer true or false.\nAnswer:",
        "Look at the picture. True or false: {question}\nAnswer:",
    ),
    "{question}\nAnswer with yes or no.\nAnswer:": (
        "Question: {question}\nYes or no?\nAnswer:",
        "Look at the picture and reply with yes or no.\n{question}\nReply:",
    ),
    "Describe this picture in one sentence.\nDescription:": (
        "What does this picture show? Reply with one sentence.\nReply:",
        "Write a caption of one sentence for this picture.\nCaption:",
        "In one sentence, say what can be seen here.\nSentence:",
    ),
    "List all that is in this picture, from left to right, then what hangs on the wall.\nList:": (
        "What is in this picture? Name everything, from left to right, and then what is on the wall.\nReply:",
        "Write down all that can be seen here: from left to right, the wall last.\nAnswer:",
    ),
    "Translate this sentence from {src} into {tgt}.\n\n{src}: {source}\n{tgt}:": (
        "{src} sentence: {source}\nIts {tgt} translation:",
        "How do you say this {src} sentence in {tgt}? Give the translation only.\n\n{source}\n\n{tgt}:",
        "Translate from {src} into {tgt}.\n\n{source}\n\nTranslation:",
    ),
    "{document}\n\nSum up the text above in {length}.\nSummary:": (
        "Read the text and sum it up in {length}.\n\n{document}\n\nSummary:",
        "Text:\n{document}\n\nWhat does it say, in {length}?\nSummary:",
        "{document}\n\nShorten this to {length}, keeping what matters most.\nSummary:",
    ),
    "{text}\n\nIs the sentiment of this text {choices}? Answer with one word.\nSentiment:": (
        "Text: {text}\nSentiment ({choices}):",
        "What is the sentiment of the text below: {choices}? Give the word only.\n\n{text}\n\nAnswer:",
        '"{text}"\nHow does the writer feel about it? Say {choices}.\nAnswer:',
    ),
    "{text}\n\nWhat is the sentiment of this text?\n{options}\n"
    "Answer with the letter of the right one.\nAnswer:": (
        "Text: {text}\nSentiment:\n{options}\nThe letter of the right option is:",
        '"{text}"\nHow does the writer feel about it?\n{options}\nReply with one letter.\nLetter:',
    ),
    _EXTRACT: (
        "Text: {context}\n\nAnswer the question with the shortest stretch of the text that answers it.{hint}\n"
        "Question: {question}\nAnswer:",
        "{context}\n\n{question}\nCopy the answer from the text and add nothing.{hint}\nAnswer:",
    ),
    "{context}\n\nQuestion: {question}\n"
    "Answer with a name, a place, a time or a number and nothing else.{hint}\nAnswer:": (
        "Text: {context}\n\nAnswer the question in a word or a few.{hint}\nQuestion: {question}\nShort answer:",
        "{context}\n\n{question}\nReply with the answer alone.{hint}\nReply:",
    ),
    "{context}\n\nQuestion: {question}\nAnswer with yes or no.\nAnswer:": (
        "Text: {context}\n\nGoing by the text, {question} Say yes or no.\nReply:",
        "{context}\n\n{question}\nYes or no?\nAnswer:",
    ),
    "Question: {question}\nAnswer with a word or a short phrase.\nAnswer:": (
        "{question}\nGive the answer only, in a word or a few.\nAnswer:",
        "Quiz question: {question}\nShort answer:",
    ),
    "{question}\nIf the picture does not tell, answer unanswerable. Else answer with one word or a short phrase.\n"
    "Answer:": (
        "Look at the picture and answer briefly; say unanswerable if it does not show the answer.\n"
        "Question: {question}\nShort answer:",
        "{question}\nReply with a word or a short phrase, or with unanswerable if it does not show.\nReply:",
    ),
    "Write down the digits, tones or beats of this recording.\nTranscript:": (
        "Listen and write down the digits, tones or beats that you hear.\nTranscript:",
        "Which digits, tones or beats does this recording hold? List them in order.\nAnswer:",
    ),
    "Which digit is said in this recording? Answer with one English word.\nAnswer:": (
        "Listen to the recording and write the spoken digit as an English word.\nDigit:",
        "A digit from zero to nine is said. Which one? Reply with one English word.\nReply:",
    ),
    "Write down what is said in this recording.\nTranscript:": (
        "Listen and transcribe.\nTranscript:",
        "What words are spoken here? Give them word for word.\nWords:",
    ),
}


def paraphrase(template: str, variant: int) -> str:
    """Return a template in another wording.

    Raises:
        UsageError: there are not so many.
    """
    others = PARAPHRASES.get(template, ())
    if not 0 <= variant <= len(others):
        raise UsageError(f"variant={variant}: this prompt has {len(others)} paraphrases, 1 to {len(others)}.")
    return others[variant - 1] if variant else template
