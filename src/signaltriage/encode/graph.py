"""Writes the ONNX graph of a BERT-family encoder, node by node, straight from its weights (no torch, no tracing).

    ids → embeddings → [ attention → + → norm → widen → GELU → narrow → + → norm ] × layers → pool → unit length

The graph has one input, `input_ids` (texts, tokens), and no attention mask: texts that run together have the same
number of tokens. In the int8 graph every linear layer multiplies uint8 activations (one scale a token row) by int8
weights (one scale an output column); all else is fp32. The fp32 graph is the reference, and also gives the peaks of the
channels that get smoothed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from signaltriage.encode.quantize import GELU_LOW, GELU_ZERO, LEVELS, SIGNED_ZERO, TINY, quantise_columns, quantise_rows
from signaltriage.encode.weights import SourceModel

_OPSET = 20
_IR_VERSION = 9
_CONTRIB = "com.microsoft"
_PEAKS = "peaks_"


@dataclass(frozen=True, slots=True)
class _Rows:
    """Activations ready to be multiplied: (tokens, width), with a scale (tokens, 1) and zero point where quantised."""

    values: str
    scale: str = ""
    zero: str = ""


@dataclass(slots=True)
class _Nodes:
    """Nodes and constants of a graph being written."""

    nodes: list[Any] = field(default_factory=list)
    constants: dict[str, Any] = field(default_factory=dict)

    def const(self, name: str, value: Any, dtype: Any = np.float32) -> str:
        """A named constant, written once."""
        from onnx import numpy_helper

        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.asarray(value, dtype=dtype, order="C"), name)
        return name

    def ints(self, *values: int) -> str:
        """A constant vector of int64."""
        return self.const("ints_" + "_".join(map(str, values)), values, np.int64)

    def op(self, kind: str, *inputs: str, domain: str = "", output: str = "", **attributes: Any) -> str:
        """A node with one output, whose name comes back."""
        from onnx import helper

        name = output or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, domain=domain, **attributes))
        return name


class _EncoderGraph:
    def __init__(self, source: SourceModel, smooth: Mapping[str, NDArray[np.float32]] | None) -> None:
        self._shape = source.shape
        self._weights = source.weights
        self._smooth = smooth or {}
        self._int8 = smooth is not None
        self._peaks: list[str] = []
        self._g = g = _Nodes()
        shape = g.op("Shape", "input_ids")
        self._by_text = g.op("Concat", shape, g.ints(self._shape.hidden), axis=0)
        width = self._shape.hidden // self._shape.heads
        self._by_head = g.op("Concat", shape, g.ints(self._shape.heads, width), axis=0)
        self._length = g.op("Slice", shape, g.ints(1), g.ints(2))

    def build(self) -> bytes:
        from onnx import TensorProto, helper

        g = self._g
        rows = self._embed()
        for layer in range(self._shape.layers):
            rows = self._feed_forward(layer, self._attend(layer, rows))
        pooled = self._pool(g.op("Reshape", rows, self._by_text))
        norm = g.op("Max", g.op("ReduceL2", pooled, g.ints(-1), keepdims=1), g.const("tiny", TINY))
        g.op("Div", pooled, norm, output="vectors")
        ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts", "tokens"])
        outputs = [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", self._shape.hidden])]
        outputs += [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [self._shape.hidden]) for name in self._peaks
        ]
        graph = helper.make_graph(g.nodes, "encoder", [ids], outputs, list(g.constants.values()))
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_CONTRIB, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION, producer_name="signaltriage")
        return bytes(model.SerializeToString(deterministic=True))

    def _embed(self) -> str:
        g = self._g
        table = self._weights["word"]
        if self._int8:
            levels, scales = quantise_rows(table)
            words = g.op("Cast", g.op("Gather", g.const("word_q", levels, np.int8), "input_ids"), to=1)
            words = g.op("Mul", words, g.op("Gather", g.const("word_s", scales), "input_ids"))
        else:
            words = g.op("Gather", g.const("word", table), "input_ids")
        positions = g.op("Slice", g.const("position", self._weights["position"]), g.ints(0), self._length, g.ints(0))
        return g.op("Reshape", self._norm(g.op("Add", words, positions), "embed_norm"), g.ints(-1, self._shape.hidden))

    def _attend(self, layer: int, rows: str) -> str:
        """Two biases are folded away, exactly: a key's shifts all of a query's scores alike, which softmax undoes; a
        value's passes through the weights, which sum to 1, and joins the output's bias."""
        g, w = self._g, self._weights
        width = self._shape.hidden // self._shape.heads
        sharp = np.float32(width**-0.5)
        ready, loud = self._smoothed(rows, f"{layer}.attend")
        query = self._linear(
            ready, f"{layer}.query", w[f"{layer}.query.weight"] * loud * sharp, w[f"{layer}.query.bias"] * sharp
        )
        key = self._linear(ready, f"{layer}.key", w[f"{layer}.key.weight"] * loud)
        value = self._linear(ready, f"{layer}.value", w[f"{layer}.value.weight"] * loud)
        scores = g.op("FusedMatMul", self._heads(query), self._heads(key), transB=1, domain=_CONTRIB)
        mixed = g.op("MatMul", g.op("Softmax", scores, axis=-1), self._heads(value))
        mixed = g.op("Reshape", g.op("Transpose", mixed, perm=[0, 2, 1, 3]), g.ints(-1, self._shape.hidden))
        mix = w[f"{layer}.mix.weight"]
        bias = w[f"{layer}.mix.bias"] + w[f"{layer}.value.bias"].astype(np.float64) @ mix
        out = self._linear(self._signed(mixed), f"{layer}.mix", mix, bias)
        return self._norm(g.op("Add", rows, out), f"{layer}.mix_norm")

    def _heads(self, rows: str) -> str:
        """(tokens, hidden) → (texts, heads, tokens, width)."""
        return self._g.op("Transpose", self._g.op("Reshape", rows, self._by_head), perm=[0, 2, 1, 3])

    def _feed_forward(self, layer: int, rows: str) -> str:
        g, w = self._g, self._weights
        ready, loud = self._smoothed(rows, f"{layer}.widen")
        wide = self._linear(ready, f"{layer}.widen", w[f"{layer}.widen.weight"] * loud, w[f"{layer}.widen.bias"])
        wide = g.op("Gelu", wide, approximate=self._shape.gelu)
        ready = self._after_gelu(wide)
        out = self._linear(ready, f"{layer}.narrow", w[f"{layer}.narrow.weight"], w[f"{layer}.narrow.bias"])
        return self._norm(g.op("Add", rows, out), f"{layer}.narrow_norm")

    def _norm(self, x: str, name: str) -> str:
        weight = self._g.const(f"{name}.weight", self._weights[f"{name}.weight"])
        bias = self._g.const(f"{name}.bias", self._weights[f"{name}.bias"])
        return self._g.op("LayerNormalization", x, weight, bias, epsilon=self._shape.norm_epsilon, axis=-1)

    def _pool(self, x: str) -> str:
        """Sum over tokens as a product with ones (its order of additions does not depend on the number of texts, as
        ReduceMean's does); the length of the result makes no difference, it becomes a unit vector."""
        g = self._g
        if self._shape.pooling == "cls":
            return g.op("Gather", x, g.const("first", 0, np.int64), axis=1)
        row = g.op("Concat", g.ints(1, 1), self._length, axis=0)
        ones = g.op("Expand", g.const("one_cell", np.ones((1, 1, 1))), row)
        return g.op("Squeeze", g.op("MatMul", ones, x), g.ints(1))

    def _linear(self, rows: _Rows, name: str, weight: NDArray[Any], bias: NDArray[Any] | None = None) -> str:
        g = self._g
        if self._int8:
            levels, scales = quantise_columns(weight.astype(np.float32))
            right = (g.const(f"{name}_q", levels, np.int8), g.const("one", 1.0), g.const(f"{name}_s", scales))
            product = g.op("MatMulIntegerToFloat", rows.values, *right, rows.zero, domain=_CONTRIB)
            product = g.op("Mul", product, rows.scale)
        else:
            product = g.op("MatMul", rows.values, g.const(f"{name}.weight", weight))
        return product if bias is None else g.op("Add", product, g.const(f"{name}.bias", bias))

    def _smoothed(self, x: str, place: str) -> tuple[_Rows, NDArray[np.float32]]:
        """Rows with loud channels divided down, and what their weights (in, out) are to be multiplied by, (in, 1)."""
        g = self._g
        if not self._int8:
            peaks = g.op("ReduceMax", g.op("Abs", x), g.ints(0), keepdims=0)
            self._peaks.append(g.op("Identity", peaks, output=_PEAKS + place))
            return _Rows(x), np.ones((1, 1), dtype=np.float32)
        loud = self._smooth[place]
        return self._signed(g.op("Mul", x, g.const(f"{place}.quiet", 1 / loud))), loud[:, None]

    def _signed(self, x: str) -> _Rows:
        """Rows of both signs: scale = largest magnitude / 127, zero at 128."""
        if not self._int8:
            return _Rows(x)
        g = self._g
        most = g.op("ReduceMax", g.op("Abs", x), g.ints(-1), keepdims=1)
        scale = g.op("Max", g.op("Mul", most, g.const("signed_step", 1 / LEVELS)), g.const("tiny", TINY))
        return self._quantised(x, scale, SIGNED_ZERO)

    def _after_gelu(self, x: str) -> _Rows:
        """Rows that never go below -GELU_LOW: that end gets the GELU_ZERO lowest levels, the high end all others."""
        if not self._int8:
            return _Rows(x)
        g = self._g
        most = g.op("ReduceMax", x, g.ints(-1), keepdims=1)
        high = g.op("Mul", most, g.const("gelu_step", 1 / (255 - GELU_ZERO)))
        return self._quantised(x, g.op("Max", high, g.const("gelu_least", GELU_LOW / GELU_ZERO)), GELU_ZERO)

    def _quantised(self, x: str, scale: str, zero: int) -> _Rows:
        g = self._g
        flat = g.op("Reshape", scale, g.ints(-1))
        zeros = g.op("Expand", g.const(f"zeros_{zero}", [zero], np.uint8), g.op("Shape", flat))
        values = g.op("QuantizeLinear", x, flat, zeros, axis=0)
        return _Rows(values, scale, g.const(f"zero_{zero}", zero, np.uint8))


def reference_graph(source: SourceModel) -> bytes:
    """The model in fp32, serialised. Beside the vectors it puts out each smoothed place's peaks (see `peak_place`)."""
    return _EncoderGraph(source, None).build()


def int8_graph(source: SourceModel, smooth: Mapping[str, NDArray[np.float32]]) -> bytes:
    """The model in int8, serialised: the same bytes every time. `smooth`: a factor for each channel of each place."""
    return _EncoderGraph(source, smooth).build()


def peak_place(output: str) -> str | None:
    """Which place the reference graph's `output` gives the peaks of: "LAYER.attend" or "LAYER.widen"; else None."""
    return output.removeprefix(_PEAKS) if output.startswith(_PEAKS) else None


def place_weight(source: SourceModel, place: str) -> NDArray[np.float32]:
    """The weights (in, out) that a place's rows are multiplied by."""
    layer, kind = place.split(".")
    names = ("query", "key", "value") if kind == "attend" else ("widen",)
    return np.hstack([source.weights[f"{layer}.{name}.weight"] for name in names])
