"""From the weights of a Hugging Face folder to an ONNX file, without torch."""
