"""Measures an exported model folder (bf16 weights, f32 arithmetic, transformers) on held-out words.

One forward pass over prompt and right answer tells what greedy decoding would say: it gives the answer
exactly when the best token is right at every position of the answer and of the token that ends it.
"""

import argparse
import json
import random
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import generate_text as text
from tokenizer import END_OF_TEXT, IM_END

BATCH_SIZE = 50
TASKS = ("reverse", "copy", "spell", "count")


class Judge:
    def __init__(self, folder: Path):
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    def chat_prompt(self, messages: list[dict]) -> list[int]:
        prompt = self.tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        return self.tokenizer.encode(prompt)

    def plain_prompt(self, prompt: str) -> list[int]:
        return self.tokenizer.encode(prompt)

    def answer(self, answer: str, end: str) -> list[int]:
        return self.tokenizer.encode(answer + end)

    @torch.no_grad()
    def exact(self, cases: list[tuple[list[int], list[int]]]) -> list[bool]:
        """Whether greedy decoding answers each prompt exactly. Sorted by length to waste little padding."""
        order = sorted(range(len(cases)), key=lambda i: len(cases[i][0]) + len(cases[i][1]))
        verdicts = [False] * len(cases)
        for first in range(0, len(order), BATCH_SIZE):
            indices = order[first : first + BATCH_SIZE]
            for index, verdict in zip(indices, self.exact_batch([cases[i] for i in indices])):
                verdicts[index] = verdict
        return verdicts

    def exact_batch(self, cases: list[tuple[list[int], list[int]]]) -> list[bool]:
        sequences = [prompt + answer for prompt, answer in cases]
        longest = max(map(len, sequences))
        # Padding follows the answer, where causal attention cannot see it.
        tokens = torch.tensor([sequence + [0] * (longest - len(sequence)) for sequence in sequences])
        best = self.model(tokens).logits.argmax(-1)
        return [
            best[row, len(prompt) - 1 : len(prompt) + len(answer) - 1].tolist() == answer
            for row, (prompt, answer) in enumerate(cases)
        ]

    def share(self, cases: list[tuple[list[int], list[int]]]) -> float:
        verdicts = self.exact(cases)
        return round(sum(verdicts) / len(verdicts), 4)

    @torch.no_grad()
    def least_used_expert(self, prompts: list[list[int]]) -> float:
        """The smallest share of a layer's choices that an expert gets; an even split gives 1 / experts."""
        config = self.model.config
        counts = torch.zeros(config.num_hidden_layers, config.num_experts)
        for prompt in prompts:
            router_logits = self.model(torch.tensor([prompt]), output_router_logits=True).router_logits
            for layer, logits in enumerate(router_logits):
                chosen = logits.topk(config.num_experts_per_tok, dim=-1).indices.flatten()
                counts[layer] += torch.bincount(chosen, minlength=config.num_experts)
        smallest_share = (counts / counts.sum(-1, keepdim=True)).min().item()
        return round(smallest_share, 4)


def single_turn(judge: Judge, words: list[str], task: str, paraphrased: bool) -> list:
    rng = random.Random(f"{task} {paraphrased}")
    cases = []
    for word in words:
        exact, paraphrases, answer = text.word_task(rng, word, task)
        prompt = rng.choice(paraphrases) if paraphrased else exact
        messages = [{"role": "user", "content": prompt}]
        cases.append((judge.chat_prompt(messages), judge.answer(answer, IM_END)))
    return cases


def multi_turn(judge: Judge, turn_count: int, case_count: int, system: bool = False) -> list:
    rng = random.Random(30000 + turn_count)
    cases = []
    for _ in range(case_count):
        chat = text.held_out_chat(rng, turn_count)
        messages = chat["messages"]
        if system:
            messages = [{"role": "system", "content": text.draw_system_message(rng)}, *messages]
        cases.append((judge.chat_prompt(messages), judge.answer(chat["answer"], IM_END)))
    return cases


def plain(judge: Judge, words: list[str], task: str, shot_count: int) -> list:
    rng = random.Random(f"plain {task} {shot_count}")
    cases = []
    for word in words:
        shots = []
        for _ in range(shot_count):
            exact, _, answer = text.word_task(rng, text.draw_word(rng, rng.randint(3, 12)), task)
            shots.append(f"{exact} => {answer}\n")
        exact, _, answer = text.word_task(rng, word, task)
        cases.append((judge.plain_prompt("".join(shots) + f"{exact} =>"), judge.answer(f" {answer}", END_OF_TEXT)))
    return cases


def small_talk(judge: Judge, model_name: str) -> list:
    pairs = [(prompt, opening + text.GREETING_TAIL) for opening, prompts in text.GREETINGS.items() for prompt in prompts]
    pairs += [(prompt, text.identity_answer(model_name)) for prompt in text.IDENTITY_PROMPTS]
    pairs += [(prompt, text.ABILITY_ANSWER) for prompt in text.ABILITY_PROMPTS]
    return [
        (judge.chat_prompt([{"role": "user", "content": prompt}]), judge.answer(answer, IM_END))
        for prompt, answer in pairs
    ]


def committed_chats(judge: Judge, path: Path) -> list:
    chats = json.loads(path.read_text())
    return [(judge.chat_prompt(chat["messages"]), judge.answer(chat["answer"], IM_END)) for chat in chats]


def measure(judge: Judge, model_name: str, truth: Path, quick: bool) -> dict:
    words = json.loads((truth / "held-out-words.json").read_text())
    some = words[:200]
    rng = random.Random(40000)
    long_words = [text.draw_word(rng, rng.randint(13, 16), held_out=True) for _ in range(300)]
    chat_cases = 40 if quick else 300
    figures = {}
    for task in TASKS:
        figures[f"{task}, one turn, 1000 words of 3-12 letters"] = judge.share(single_turn(judge, words, task, False))
    if not quick:
        for task in TASKS:
            figures[f"{task}, one turn, paraphrased prompts"] = judge.share(single_turn(judge, words, task, True))
    figures["reverse, one turn, 300 words of 13-16 letters"] = judge.share(single_turn(judge, long_words, "reverse", False))
    for turn_count in (2, 4, 8, 12):
        figures[f"reverse, last of {turn_count} turns"] = judge.share(multi_turn(judge, turn_count, chat_cases))
    figures["reverse, last of 4 turns, system message"] = judge.share(multi_turn(judge, 4, chat_cases, system=True))
    figures["reverse, held-out-chats.json (2-12 turns)"] = judge.share(
        committed_chats(judge, truth / "held-out-chats.json")
    )
    for task in TASKS:
        figures[f"{task}, plain completion, no example"] = judge.share(plain(judge, some, task, 0))
    figures["reverse, plain completion, 3 examples"] = judge.share(plain(judge, some, "reverse", 3))
    figures["greeting, identity and ability"] = judge.share(small_talk(judge, model_name))
    if hasattr(judge.model.config, "num_experts_per_tok"):
        prompts = [prompt + answer for prompt, answer in multi_turn(judge, 4, 20)]
        figures["smallest share of one expert in a layer"] = judge.least_used_expert(prompts)
    return figures


def print_table(model_name: str, figures: dict) -> None:
    print(f"| {model_name} | share |\n| --- | --- |")
    for name, value in figures.items():
        print(f"| {name} | {value:.2%} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=["penstock/reverse-moe", "penstock/reverse-dense"])
    parser.add_argument("--root", type=Path, default=Path(__file__).parent.parent)
    parser.add_argument("--truth", type=Path, default=Path(__file__).parents[2] / "test" / "truth")
    parser.add_argument("--quick", action="store_true", help="fewer cases, and nothing is written")
    arguments = parser.parse_args()
    for model_name in arguments.models:
        folder = arguments.root / model_name
        figures = measure(Judge(folder), model_name, arguments.truth, arguments.quick)
        print_table(model_name, figures)
        if not arguments.quick:
            (folder / "evaluation.json").write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
