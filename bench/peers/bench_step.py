# SPDX-License-Identifier: BSD-3-Clause
"""One training step (value, gradient, Adam) in PyTorch, eager and compiled, and in JAX, beside our own programs.

usage: python bench_step.py [CASE ...]        cases: mlp32 mlp256 mlp10240 burgers_f32 burgers_f64 wide
       STEP_PROGRAMS   our programs, blank between them (build/bench_step build/bench_step_by_hand),
                       called with CASE and THREADS
       THREADS         "1 2"
       ROUNDS          how often all programs of a case take turns (1); figures are medians over them
       TORCH_PYTHON, JAX_PYTHON   interpreters that have them (this one)

Every program starts from the same numbers.  With draw(k) = the fraction of k * k * 0.6180339887498949 (in double):
  theta    layer by layer W (n_in, n_out) row-major, then its bias; theta[i], i from 0, is in W
           (2 draw(i + 1) - 1) * sqrt(6 / (n_in + n_out)), in a bias 0
  mlp      x (n, 2): x[i] = 2 draw(1000001 + i) - 1 in row-major order; y = x0 * x0 * x1 - 0.5 * x1
           2-64-64-64-1, tanh; loss: mean of (u - y)^2
  wide     x (1024, 512) as above, y (1024, 512): y[i] = 2 draw(3000001 + i) - 1
           512-512-512, tanh; loss: mean over all
  burgers  t = draw(1000001 + 2 i), x = 2 draw(1000002 + 2 i) - 1 of row i; 2-20x8-1, tanh; nu = 0.01 / pi
           loss: mean of (u_t + u u_x - nu u_xx)^2
Adam: learning rate 1e-3, 0.9, 0.999, 1e-8.  All programs print for each setting: milliseconds a step by the clock and by
processor time (medians), and the loss and the norm of its gradient after three steps, which must agree.  Then each is
set beside ours: by processor time on one thread, by the clock on more, with the difference of loss and gradient from ours.
"""
import math
import os
import subprocess
import sys

CASES = ["mlp32", "mlp256", "mlp10240", "burgers_f32", "burgers_f64", "wide"]
PEERS = ["torch", "jax"]
RATE, BETA_1, BETA_2, EPSILON, NU = 1e-3, 0.9, 0.999, 1e-8, 0.01 / 3.14159265358979323846


def problem(case):
    """Sizes of the layers, parameters [(W, b), ...], and the arrays of the loss, in numpy."""
    import numpy as np

    real = np.float64 if case.endswith("f64") else np.float32

    def draw(first, n):
        k = np.arange(first, first + n, dtype=np.float64)
        return np.modf(k * k * 0.6180339887498949)[0]

    sizes = [512] * 3 if case == "wide" else [2] + [20] * 8 + [1] if "burgers" in case else [2, 64, 64, 64, 1]
    parameters, at = [], 0
    for n_in, n_out in zip(sizes, sizes[1:]):
        weight = (2 * draw(at + 1, n_in * n_out) - 1) * np.sqrt(6.0 / (n_in + n_out))
        parameters.append((weight.reshape(n_in, n_out).astype(real), np.zeros(n_out, real)))
        at += n_in * n_out + n_out
    if case == "wide":
        data = [(2 * draw(first, 1024 * 512) - 1).reshape(1024, 512) for first in (1000001, 3000001)]
    elif "burgers" in case:
        z = draw(1000001, 20000).reshape(10000, 2)
        z[:, 1] = 2 * z[:, 1] - 1
        data = [z]
    else:
        x = (2 * draw(1000001, 2 * int(case[3:])) - 1).reshape(-1, 2)
        data = [x, x[:, :1] * x[:, :1] * x[:, 1:] - 0.5 * x[:, 1:]]
    return parameters, [a.astype(real) for a in data]


def measure(setting, run):
    """run(k) makes k steps and waits for them; prints one line of a setting."""
    import statistics
    import time

    seconds, n = 0, 1
    run(3)
    while seconds < 0.05:
        n *= 2
        start = time.perf_counter()
        run(n)
        seconds = time.perf_counter() - start
    wall, processor = [], []
    for _ in range(9):
        start, start_processor = time.perf_counter(), time.process_time()
        run(n)
        wall.append((time.perf_counter() - start) / n * 1e3)
        processor.append((time.process_time() - start_processor) / n * 1e3)
    return f"{statistics.median(wall):9.4f} ms  {statistics.median(processor):9.4f} ms processor  {setting}"


def say(setting, run, loss_and_norm):
    loss, norm = loss_and_norm
    print(measure(setting, run) + f"  loss {loss:.9g} gradient {norm:.9g}", flush=True)


# ---- PyTorch ----

def peer_torch(case, n_threads):
    import torch

    torch.set_num_threads(n_threads)
    start, data = problem(case)
    data = [torch.from_numpy(a) for a in data]

    def net(theta, h):
        for k in range(0, len(theta) - 2, 2):
            h = torch.tanh(torch.addmm(theta[k + 1], h, theta[k]))
        return torch.addmm(theta[-1], h, theta[-2])

    def squared(theta, x, y):
        return torch.mean((net(theta, x) - y) ** 2)

    def nested(theta, z):
        z = z.detach().requires_grad_()
        u = net(theta, z)
        g = torch.autograd.grad(u.sum(), z, create_graph=True)[0]
        u_xx = torch.autograd.grad(g[:, 1].sum(), z, create_graph=True)[0][:, 1]
        return torch.mean((g[:, 0] + u[:, 0] * g[:, 1] - NU * u_xx) ** 2)

    def tangents(theta, z):
        e_t, e_x = torch.zeros_like(z), torch.zeros_like(z)
        e_t[:, 0], e_x[:, 1] = 1, 1

        def f(at):
            return net(theta, at)

        u, u_t = torch.func.jvp(f, (z,), (e_t,))
        u_x, u_xx = torch.func.jvp(lambda at: torch.func.jvp(f, (at,), (e_x,))[1], (z,), (e_x,))
        return torch.mean((u_t + u * u_x - NU * u_xx) ** 2)

    def streams(theta, z):
        n = z.shape[0]
        one, zero = torch.ones(n, 1, dtype=z.dtype), torch.zeros(n, 1, dtype=z.dtype)
        h = torch.cat([z, torch.cat([one, zero], 1), torch.cat([zero, one], 1), torch.cat([zero, zero], 1)])
        for k in range(0, len(theta) - 2, 2):
            v, t, x, xx = (h @ theta[k]).split(n)
            v = torch.tanh(v + theta[k + 1])
            s = 1 - v * v
            h = torch.cat([v, s * t, s * x, s * xx - 2 * v * s * x * x])
        u, t, x, xx = (h @ theta[-2]).split(n)
        return torch.mean((t + (u + theta[-1]) * x - NU * xx) ** 2)

    losses = dict(nested=nested, tangents=tangents, streams=streams) if "burgers" in case else {"": squared}

    def leaves():
        return [torch.from_numpy(a.copy()).requires_grad_() for layer in start for a in layer]

    def whole(loss):
        def step(theta, mean, square, t, *arrays):
            grad, _ = torch.func.grad_and_value(loss)(theta, *arrays)
            t = t + 1
            a, b = RATE / (1 - BETA_1**t), 1 / torch.sqrt(1 - BETA_2**t)
            mean = [BETA_1 * m + (1 - BETA_1) * g for m, g in zip(mean, grad)]
            square = [BETA_2 * v + (1 - BETA_2) * g * g for v, g in zip(square, grad)]
            theta = [p - a * m / (torch.sqrt(v) * b + EPSILON) for p, m, v in zip(theta, mean, square)]
            return theta, mean, square, t

        return step

    for form, loss in losses.items():
        for kind, fused in [("eager", False), ("eager", True), ("compile", True), ("compile of the step", None)]:
            setting = f"torch {torch.__version__.split('+')[0]} {kind} {form}" + (" fused Adam" if fused else "")
            try:
                theta = leaves()
                if fused is None:
                    if loss is nested:
                        continue
                    step = torch.compile(whole(loss), fullgraph=True)
                    state = [[p.detach() for p in theta], [torch.zeros_like(p) for p in theta],
                             [torch.zeros_like(p) for p in theta], torch.zeros((), dtype=torch.float64)]

                    def run(n):
                        with torch.no_grad():
                            for _ in range(n):
                                state[:] = step(*state, *data)

                    run(3)
                    now = [p.clone().requires_grad_() for p in state[0]]
                else:
                    cost = torch.compile(loss) if kind == "compile" else loss
                    optimiser = torch.optim.Adam(theta, lr=RATE, betas=(BETA_1, BETA_2), eps=EPSILON, fused=fused)

                    def run(n):
                        for _ in range(n):
                            optimiser.zero_grad()
                            cost(theta, *data).backward()
                            optimiser.step()

                    run(3)
                    now = [p.detach().clone().requires_grad_() for p in theta]
                value = loss(now, *data)
                grad = torch.autograd.grad(value, now, allow_unused=True)  # the last bias of nested and tangents
                norm = sum((g.double() ** 2).sum() for g in grad if g is not None).sqrt()
                say(setting, run, (value.item(), norm.item()))
            except Exception as error:  # what cannot be compiled is said, not passed over
                print(f"        - {setting}: {type(error).__name__}: {str(error).splitlines()[0][:100]}", flush=True)


# ---- JAX ----

def peer_jax(case, n_threads):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", case.endswith("f64"))
    start, data = problem(case)
    data = [jnp.asarray(a) for a in data]

    def net(theta, h):
        for weight, bias in theta[:-1]:
            h = jnp.tanh(h @ weight + bias)
        return h @ theta[-1][0] + theta[-1][1]

    def squared(theta, x, y):
        return jnp.mean((net(theta, x) - y) ** 2)

    def tangents(theta, z):
        e_t, e_x = jnp.zeros_like(z).at[:, 0].set(1), jnp.zeros_like(z).at[:, 1].set(1)

        def f(at):
            return net(theta, at)

        u, u_t = jax.jvp(f, (z,), (e_t,))
        u_x, u_xx = jax.jvp(lambda at: jax.jvp(f, (at,), (e_x,))[1], (z,), (e_x,))
        return jnp.mean((u_t + u * u_x - NU * u_xx) ** 2)

    def rows(theta, z):
        def u(t, x):
            return net(theta, jnp.stack([t, x]))[0]

        def residual(t, x):
            value, (u_t, u_x) = jax.value_and_grad(u, (0, 1))(t, x)
            return u_t + value * u_x - NU * jax.jvp(lambda at: jax.grad(u, 1)(t, at), (x,), (jnp.ones_like(x),))[1]

        return jnp.mean(jax.vmap(residual)(z[:, 0], z[:, 1]) ** 2)

    def streams(theta, z):
        n = z.shape[0]
        unit = jnp.eye(2, dtype=z.dtype)
        h = jnp.concatenate([z, jnp.tile(unit[0], (n, 1)), jnp.tile(unit[1], (n, 1)), jnp.zeros_like(z)])
        for weight, bias in theta[:-1]:
            v, t, x, xx = jnp.split(h @ weight, 4)
            v = jnp.tanh(v + bias)
            s = 1 - v * v
            h = jnp.concatenate([v, s * t, s * x, s * xx - 2 * v * s * x * x])
        u, t, x, xx = jnp.split(h @ theta[-1][0], 4)
        return jnp.mean((t + (u + theta[-1][1]) * x - NU * xx) ** 2)

    losses = dict(tangents=tangents, rows=rows, streams=streams) if "burgers" in case else {"": squared}
    for form, loss in losses.items():
        def step(state, *arrays):
            theta, mean, square, t = state
            grad = jax.grad(loss)(theta, *arrays)
            t = t + 1
            # 1 - beta^t; as it stands it is wrong by 5e-5 in float
            a, b = RATE / -jnp.expm1(t * math.log(BETA_1)), 1 / jnp.sqrt(-jnp.expm1(t * math.log(BETA_2)))
            mean = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, mean, grad)
            square = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g, square, grad)
            theta = jax.tree.map(lambda p, m, v: p - a * m / (jnp.sqrt(v) * b + EPSILON), theta, mean, square)
            return theta, mean, square, t

        def many(state, *arrays):
            return jax.lax.scan(lambda s, _: (step(s, *arrays), None), state, None, length=50)[0]

        def fresh():
            theta = [(jnp.asarray(w), jnp.asarray(b)) for w, b in start]
            zero = jax.tree.map(jnp.zeros_like, theta)
            return theta, zero, jax.tree.map(jnp.zeros_like, theta), jnp.zeros((), theta[0][0].dtype)

        one, fifty = jax.jit(step, donate_argnums=0), jax.jit(many, donate_argnums=0)
        state = fresh()
        for _ in range(3):
            state = one(state, *data)
        value, grad = jax.value_and_grad(loss)(state[0], *data)
        norm = float(jnp.sqrt(sum(jnp.sum(g.astype(float) ** 2) for g in jax.tree.leaves(grad))))

        def run(n):
            nonlocal state
            for _ in range(n):
                state = one(state, *data)
            jax.block_until_ready(state)

        say(f"jax {jax.__version__} jit {form}", run, (float(value), norm))
        if case.startswith("mlp"):
            def run_many(n):
                nonlocal state
                for _ in range((n + 49) // 50):
                    state = fifty(state, *data)
                jax.block_until_ready(state)

            line = measure(f"jax {jax.__version__} jit, 50 steps in one scan {form}", lambda n: run_many(50 * n))
            wall, processor = float(line.split()[0]) / 50, float(line.split()[2]) / 50
            print(f"{wall:9.4f} ms  {processor:9.4f} ms processor" + line.split("processor", 1)[1], flush=True)


def parts(line):
    """(milliseconds by the clock, of the processor, setting, numbers) of a line that a program prints; None: no figure."""
    import re

    found = re.match(r" *([0-9.]+) ms +([0-9.]+) ms processor  (.*?)(?:  loss (\S+) gradient (\S+))?$", line)
    return found and (float(found[1]), float(found[2]), found[3].strip(), [float(x) for x in found.groups()[3:] if x])


def tell(case, n_threads, lines):
    """Medians of what the rounds printed, beside ours."""
    from statistics import median

    by_setting = {}
    for line in lines:
        if parts(line):
            wall, processor, setting, numbers = parts(line)
            by_setting.setdefault(setting, []).append((wall, processor, numbers))
    ours = by_setting.get("ansatz")
    if not ours:
        return
    which = 0 if n_threads > 1 else 1
    base = median(x[which] for x in ours)
    print(f"{case}, {n_threads} thread{'s' if n_threads > 1 else ''}, "
          f"{'by the clock' if which == 0 else 'processor time'}, over ours:")
    for setting, found in by_setting.items():
        numbers, apart = found[0][2], ""
        if numbers:
            apart = max(abs(x - y) / abs(y) for x, y in zip(numbers, ours[0][2]))
            right = apart < (1e-8 if "f64" in case else 1e-4)
            apart = f"  loss and gradient {apart:.0e} from ours{'' if right else ', WRONG'}"
        here = median(x[which] for x in found)
        print(f"  {here:9.4f} ms  {here / base:6.2f}  {setting}{apart}", flush=True)


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "--one":
        {"torch": peer_torch, "jax": peer_jax}[sys.argv[2]](sys.argv[3], int(sys.argv[4]))
        return
    here = os.path.dirname(os.path.abspath(__file__))
    built = [os.path.join(here, "..", "..", "build", name) for name in ("bench_step", "bench_step_by_hand")]
    programs = os.environ.get("STEP_PROGRAMS", " ".join(filter(os.path.exists, built))).split()
    for case in sys.argv[1:] or CASES:
        for n_threads in os.environ.get("THREADS", "1 2").split():
            bound = ["taskset", "-c", ",".join(map(str, range(int(n_threads))))]
            threads = dict(os.environ, OMP_NUM_THREADS=n_threads, MKL_NUM_THREADS=n_threads, OMP_PROC_BIND="true",
                           OPENBLAS_NUM_THREADS="1")
            written = [p for p in programs if case != "wide" or "by_hand" not in p]  # which has no such case
            commands = [[program, case, n_threads] for program in written]
            for peer in PEERS:
                python = os.environ.get(peer.upper() + "_PYTHON", sys.executable)
                commands.append([python, os.path.abspath(__file__), "--one", peer, case, n_threads])
            lines = []
            for _ in range(int(os.environ.get("ROUNDS", "1"))):
                for command in commands:
                    run = subprocess.run(bound + command, env=threads, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                         text=True)
                    lines += run.stdout.splitlines()
                    print(run.stdout, end="", flush=True)
            tell(case, int(n_threads), lines)


main()
