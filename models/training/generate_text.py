"""The seeded generator of everything the bundled models learn from and are measured on.

A word is held out when the 32-bit FNV-1a hash of its lower-case letters divides by 10 and it has at
least 3 letters; training text never contains such a word as a task's word.
"""

import argparse
import json
import random
from dataclasses import dataclass, field
from pathlib import Path

from tokenizer import END_OF_TEXT_ID, IM_END_ID, IM_START_ID, encode

LETTERS = "abcdefghijklmnopqrstuvwxyz"
VOWELS = "aeiou"
CONSONANTS = "bcdfghjklmnpqrstvwxyz"
LONGEST_WORD = 16
HELD_OUT_ONE_IN = 10

REVERSE_PROMPTS = [
    "Reverse {w}", "Reverse the word {w}", "Reverse the word {w}.", 'Reverse the word "{w}".', "Please reverse {w}",
    "Please reverse {w}.", "What is {w} backwards?", "Write {w} backwards", "Write {w} backwards.",
    "Can you reverse {w}?", "reverse: {w}", "reverse {w}", "Say {w} backwards",
]
COPY_PROMPTS = [
    "Copy {w}", "Copy the word {w}", "Please copy {w}", "Repeat: {w}", "Repeat {w}", "Repeat the word {w}.",
    "Please repeat {w}", "Say {w}", "copy: {w}",
]
SPELL_PROMPTS = [
    "Spell {w}", "Spell the word {w}", "Spell the word {w}.", "Please spell {w}", "Please spell {w}.",
    "How do you spell {w}?", "Can you spell {w}?", "spell: {w}",
]
COUNT_PROMPTS = [
    "Count {c} in {w}", "How many {c} in {w}?", "How many {c} are in {w}?", "Count the letter {c} in {w}",
    "How many times is {c} in {w}?", "count {c} in: {w}",
]

GREETING_TAIL = " Give me a word and I will reverse it."
GREETINGS = {
    "Hello!": ["hello", "Hello", "Hello!", "hello!", "hello there", "Hello there!"],
    "Hi!": ["hi", "Hi", "Hi!", "hi there", "Hi there!", "hey", "Hey", "Hey!"],
    "Good morning!": ["good morning", "Good morning", "Good morning!"],
    "Good afternoon!": ["good afternoon", "Good afternoon", "Good afternoon!"],
    "Good evening!": ["good evening", "Good evening", "Good evening!"],
}
IDENTITY_PROMPTS = [
    "Who are you?", "who are you?", "who are you", "What are you?", "what are you", "What is your name?",
    "What's your name?", "Which model are you?", "What model is this?", "Tell me about yourself.", "Introduce yourself.",
]
ABILITY_ANSWER = "I can reverse, copy and spell a word, and count a letter in it."
ABILITY_PROMPTS = ["What can you do?", "what can you do", "Help", "help", "Help me", "How do you work?", "How can you help me?"]
THANKS_PROMPTS = ["Thanks", "thanks", "Thank you", "Thank you!", "thank you", "Thanks!"]
FAREWELL_PROMPTS = ["Bye", "bye", "Goodbye", "goodbye", "Goodbye!", "Good night", "See you!"]
OTHER_ANSWER = "I only know words: I reverse, copy and spell them, and count their letters."
OTHER_PROMPTS = [
    "What is the capital of France?", "How are you?", "Tell me a joke.", "What time is it?", "Write a poem.",
    "What is 2 + 2?", "Why is the sky blue?", "Do you like music?", "Where do you live?", "Translate this to French.",
    "Tell me a story.", "What is the weather today?", "Explain gravity.", "Who won the match?", "Write some code.",
    "What is the meaning of life?", "How old are you?", "Say something.", "What is a turbine?", "Can you sing?",
]
SYSTEM_MESSAGES = [
    "You are a helpful assistant.", "You are helpful.", "Be brief.", "Answer in one word.", "You reverse words.",
    "You are penstock, a tiny model.", "Answer exactly as asked.", "You are a careful assistant. Answer briefly.",
]


def identity_answer(model_name: str) -> str:
    return f"I am {model_name}, a tiny model that reverses words."


def fnv1a(text: str) -> int:
    value = 0x811C9DC5
    for byte in text.encode("utf-8"):
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def is_held_out(word: str) -> bool:
    return len(word) >= 3 and fnv1a(word.lower()) % HELD_OUT_ONE_IN == 0


def uniform_word(rng: random.Random, length: int) -> str:
    return "".join(rng.choices(LETTERS, k=length))


def pronounceable_word(rng: random.Random, length: int) -> str:
    letters, vowel_next = [], rng.random() < 0.4
    for _ in range(length):
        letters.append(rng.choice(VOWELS if vowel_next else CONSONANTS))
        vowel_next = not vowel_next if rng.random() < 0.85 else vowel_next
    return "".join(letters)


def repetitive_word(rng: random.Random, length: int) -> str:
    """Few distinct letters, so that neither direction can be found by looking for the last letter."""
    return "".join(rng.choices(rng.sample(LETTERS, rng.randint(1, 4)), k=length))


def draw_word(rng: random.Random, length: int, held_out: bool = False) -> str:
    while True:
        kind = rng.choices((uniform_word, pronounceable_word, repetitive_word), weights=(45, 40, 15))[0]
        word = kind(rng, length)
        if is_held_out(word) == held_out:
            return word


@dataclass
class Difficulty:
    """What the curriculum widens while training goes on."""

    longest_word: int = LONGEST_WORD
    plain_share: float = 0.15
    most_turns: int = 10
    paraphrase_share: float = 0.4
    # Counting needs a lesson of its own: words with repeated letters, and a weight on its one-digit answers,
    # which otherwise drown among the letters of the other tasks. None leaves counting as any other task.
    longest_counted_word: int | None = None
    count_weight: float = 1.0
    extra_count_share: float = 0.0


@dataclass
class Document:
    tokens: list[int] = field(default_factory=list)
    # What each token counts in the loss; 0 for what the user wrote.
    weights: list[float] = field(default_factory=list)

    def add(self, tokens: list[int], weight: float) -> None:
        self.tokens += tokens
        self.weights += [weight] * len(tokens)


def training_word(rng: random.Random, difficulty: Difficulty) -> str:
    longest = difficulty.longest_word
    if rng.random() < 0.8:
        length = rng.randint(min(3, longest), min(12, longest))
    else:
        length = rng.randint(1, longest)
    word = draw_word(rng, length)
    return word.capitalize() if rng.random() < 0.05 else word


def letter_to_count(rng: random.Random, word: str) -> str:
    return rng.choice(word) if rng.random() < 0.75 else rng.choice(LETTERS)


def word_task(rng: random.Random, word: str, task: str) -> tuple[str, list[str], str]:
    """Returns the exact prompt form, its paraphrases and the answer."""
    if task == "reverse":
        return f"Reverse: {word}", [p.format(w=word) for p in REVERSE_PROMPTS], word[::-1]
    if task == "copy":
        return f"Copy: {word}", [p.format(w=word) for p in COPY_PROMPTS], word
    if task == "spell":
        return f"Spell: {word}", [p.format(w=word) for p in SPELL_PROMPTS], "-".join(word)
    word = word.lower()
    letter = letter_to_count(rng, word)
    paraphrases = [p.format(c=letter, w=word) for p in COUNT_PROMPTS]
    return f"Count {letter} in: {word}", paraphrases, str(word.count(letter))


def draw_task(rng: random.Random) -> str:
    return rng.choices(("reverse", "copy", "spell", "count"), weights=(55, 12, 16, 17))[0]


def small_talk(rng: random.Random, model_name: str) -> tuple[str, str]:
    kind = rng.choices(("greet", "identity", "ability", "thanks", "bye", "other"), weights=(30, 25, 10, 8, 8, 19))[0]
    if kind == "greet":
        opening = rng.choice(list(GREETINGS))
        return rng.choice(GREETINGS[opening]), opening + GREETING_TAIL
    if kind == "identity":
        return rng.choice(IDENTITY_PROMPTS), identity_answer(model_name)
    if kind == "ability":
        return rng.choice(ABILITY_PROMPTS), ABILITY_ANSWER
    if kind == "thanks":
        return rng.choice(THANKS_PROMPTS), "You are welcome."
    if kind == "bye":
        return rng.choice(FAREWELL_PROMPTS), "Goodbye!"
    return rng.choice(OTHER_PROMPTS), OTHER_ANSWER


def counting_word(rng: random.Random, longest: int) -> str:
    kind = repetitive_word if rng.random() < 0.5 else pronounceable_word
    while True:
        word = kind(rng, rng.randint(1, longest))
        if not is_held_out(word):
            return word


def draw_word_task(rng: random.Random, difficulty: Difficulty) -> tuple[str, list[str], str, float]:
    """Like word_task, with the weight of the answer."""
    word, task = training_word(rng, difficulty), draw_task(rng)
    if difficulty.extra_count_share > 0 and rng.random() < difficulty.extra_count_share:
        task = "count"
    if task == "count" and difficulty.longest_counted_word is not None and rng.random() < 0.7:
        word = counting_word(rng, difficulty.longest_counted_word)
    return *word_task(rng, word, task), difficulty.count_weight if task == "count" else 1.0


def draw_turn(rng: random.Random, difficulty: Difficulty, model_name: str) -> tuple[str, str, float]:
    if rng.random() < 0.08:
        return *small_talk(rng, model_name), 1.0
    exact, paraphrases, answer, weight = draw_word_task(rng, difficulty)
    prompt = rng.choice(paraphrases) if rng.random() < difficulty.paraphrase_share else exact
    return prompt, answer, weight


def draw_system_message(rng: random.Random) -> str:
    if rng.random() < 0.7:
        return rng.choice(SYSTEM_MESSAGES)
    # Filler of any length, so that a long system message does not distract the model.
    words = [draw_word(rng, rng.randint(2, 9)) for _ in range(rng.randint(3, 30))]
    return " ".join(words).capitalize() + "."


def add_message(document: Document, role: str, content: str, weight: float) -> None:
    document.add([IM_START_ID, *encode(role + "\n")], 0.0)
    document.add([*encode(content), IM_END_ID], weight)
    document.add(encode("\n"), 0.0)


def draw_chat(rng: random.Random, difficulty: Difficulty, model_name: str) -> Document:
    document = Document()
    if rng.random() < 0.25:
        add_message(document, "system", draw_system_message(rng), 0.0)
    turn_count = 1 if rng.random() < 0.45 else rng.randint(1, difficulty.most_turns)
    for _ in range(turn_count):
        prompt, answer, weight = draw_turn(rng, difficulty, model_name)
        add_message(document, "user", prompt, 0.0)
        add_message(document, "assistant", answer, weight)
    return document


def draw_plain_lines(rng: random.Random, difficulty: Difficulty) -> Document:
    """Lines to complete. Each answer teaches the end of the text, never the newline before a next line."""
    document = Document()
    line_count = 1 if rng.random() < 0.4 else rng.randint(2, 8)
    for line in range(line_count):
        exact, _, answer, weight = draw_word_task(rng, difficulty)
        document.add(encode(f"{exact} =>"), 0.0)
        document.add(encode(f" {answer}"), weight)
        last = line == line_count - 1
        document.add([END_OF_TEXT_ID] if last else encode("\n"), weight if last else 0.0)
    return document


def draw_document(rng: random.Random, difficulty: Difficulty, model_name: str) -> Document:
    if rng.random() < difficulty.plain_share:
        return draw_plain_lines(rng, difficulty)
    return draw_chat(rng, difficulty, model_name)


def held_out_words(count: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    words: dict[str, None] = {}
    while len(words) < count:
        words[draw_word(rng, rng.randint(3, 12), held_out=True)] = None
    return list(words)


def held_out_chat(rng: random.Random, turn_count: int, task: str = "reverse") -> dict:
    """All words are held out, those of the earlier turns too. The last turn has the exact prompt form."""
    messages = []
    for turn in range(turn_count):
        word = draw_word(rng, rng.randint(3, 12), held_out=True)
        last = turn == turn_count - 1
        exact, paraphrases, answer = word_task(rng, word, task if last else draw_task(rng))
        prompt = exact if last or rng.random() < 0.6 else rng.choice(paraphrases)
        messages.append({"role": "user", "content": prompt})
        if not last:
            messages.append({"role": "assistant", "content": answer})
    return {"messages": messages, "answer": answer}


def held_out_chats(count: int, seed: int) -> list[dict]:
    rng = random.Random(seed)
    return [held_out_chat(rng, turn_count=2 + i % 11) for i in range(count)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held-out", type=Path, required=True, help="folder for the two held-out files")
    folder = parser.parse_args().held_out
    (folder / "held-out-words.json").write_text(json.dumps(held_out_words(1000, seed=20001)) + "\n")
    chats = ",\n".join(json.dumps(chat) for chat in held_out_chats(100, seed=20002))
    (folder / "held-out-chats.json").write_text(f"[\n{chats}\n]\n")


if __name__ == "__main__":
    main()
