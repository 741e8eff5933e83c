"""TRL's SFTTrainer: `trl_sft.py TASK SETTINGS`. A callback waits before every step."""

from __future__ import annotations

import sys
import tempfile
from typing import Any

import protocol
import torch
from datasets import Dataset
from peft import LoraConfig
from plain import held_out_loss
from protocol import (
    ALPHA,
    DROPOUT,
    MODULES,
    RANK,
    RATE,
    SEED,
    Clock,
    Task,
    answer,
    asked,
    forget_peak,
    peak_mib,
    peak_since_mib,
    task,
)
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast, TrainerCallback
from trl import SFTConfig, SFTTrainer

SETTINGS: dict[str, dict[str, Any]] = {
    # bf16 by autocast, activations checkpointed, rows padded, 1,024 tokens at most.
    "defaults": {},
    "defaults-fp32": {"bf16": False},
    # Rows flattened into one sequence, every activation kept.
    "best": {"bf16": False, "gradient_checkpointing": False, "padding_free": True,
             "max_length": None},
    "best-bf16": {"gradient_checkpointing": False, "padding_free": True, "max_length": None},
    "packed": {"bf16": False, "gradient_checkpointing": False, "packing": True,
               "per_device_train_batch_size": 2},
}  # fmt: skip


class Waiting(TrainerCallback):
    """Answers the questions of bench/train.py between steps, and times each step."""

    def __init__(self, work: Task) -> None:
        self._work, self.tokens, self._clock, self._loaded = work, 0, Clock(), 0.0

    def on_step_begin(self, _args: Any, state: Any, _control: Any, **kwargs: Any) -> None:
        model = kwargs["model"]
        if state.global_step == 0:
            self._loaded = peak_mib()
            forget_peak()
            answer(ready=True)
        while (word := asked()) == "loss":
            answer(loss=held_out_loss(model, self._work.held_out))
        if word != "step":
            self._end()
        self.tokens, self._clock = 0, Clock()

    def on_step_end(self, _args: Any, state: Any, _control: Any, **kwargs: Any) -> None:
        answer(**self._clock.read(), tokens=self.tokens)
        if state.global_step == state.max_steps:
            while asked() == "loss":
                answer(loss=held_out_loss(kwargs["model"], self._work.held_out))
            self._end()

    def _end(self) -> None:
        peak = peak_since_mib()
        answer(peak_mib=max(self._loaded, peak), steps_mib=peak, empty_mib=protocol.EMPTY)
        sys.exit(0)


def main() -> None:
    work, wanted = task(), sys.argv[2]
    model = AutoModelForCausalLM.from_pretrained(work.base, dtype=torch.float32)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(work.base / "tokenizer.json"), pad_token="<|im_end|>",
        eos_token="<|im_end|>",
    )  # fmt: skip
    waiting = Waiting(work)
    fields = {"learning_rate": RATE, "lr_scheduler_type": "constant", "seed": SEED,
              "per_device_train_batch_size": work.rows_per_step, "max_steps": work.steps,
              "train_sampling_strategy": "sequential", "completion_only_loss": True,
              "use_cpu": not torch.cuda.is_available(), "save_strategy": "no", "report_to": "none",
              "disable_tqdm": True, "logging_strategy": "no"} | SETTINGS[wanted]  # fmt: skip
    data = Dataset.from_list([
        {"input_ids": row["ids"],
         "completion_mask": [int(at >= row["start"]) for at in range(len(row["ids"]))]}
        for row in work.rows
    ])  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        trainer = Counted(
            model, args=SFTConfig(output_dir=folder, **fields), train_dataset=data,
            processing_class=tokenizer, callbacks=[waiting],
            peft_config=LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=DROPOUT,
                                   target_modules=MODULES, task_type="CAUSAL_LM"),
        )  # fmt: skip
        trainer.waiting = waiting
        trainer.train()


class Counted(SFTTrainer):
    """Counts the tokens of rows, without padding, that a step sees."""

    waiting: Waiting

    def compute_loss(self, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        mask = inputs.get("attention_mask")
        count = inputs["input_ids"].numel() if mask is None else int(mask.sum())
        self.waiting.tokens += count
        return super().compute_loss(model, inputs, *args, **kwargs)


if __name__ == "__main__":
    main()
