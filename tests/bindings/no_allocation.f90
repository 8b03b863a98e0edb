! SPDX-License-Identifier: BSD-3-Clause
!
! usage: no_allocation MODEL: predictions in every shape, and how often memory was asked for (0 with scratch).
program no_allocation
    use, intrinsic :: iso_c_binding, only: c_bool, c_long
    use, intrinsic :: iso_fortran_env, only: real32, real64
    use ansatz
    implicit none
    interface
        function count_allocations() bind(c) result(n)
            import :: c_long
            integer(c_long) :: n
        end function count_allocations
    end interface
    integer, parameter :: n_rows = 300
    type(az_model) :: model
    type(az_scratch) :: scratch
    character(len=500) :: path
    real(real64), allocatable :: inputs(:, :), outputs(:, :), wide(:, :)
    real(real32), allocatable :: inputs_f32(:, :), outputs_f32(:, :)
    logical(c_bool) :: in_range(n_rows)
    integer(c_long) :: before, after
    integer :: n, m, i

    call get_command_argument(1, path)
    call model%read(path)
    n = model%n_inputs()
    m = model%n_outputs()
    allocate (inputs(n_rows, n), outputs(n_rows, m), wide(n, 2 * n_rows), inputs_f32(n_rows, n), outputs_f32(n_rows, m))
    call random_number(inputs)
    inputs_f32 = real(inputs, real32)
    wide = 0
    before = count_allocations()
    call scratch%prepare(model, n_rows)
    after = count_allocations()
    if (after == before) error stop 'allocations are not counted'
    before = count_allocations()
    do i = 1, n_rows
        call model%predict(inputs, outputs, scratch, in_range)
        call model%predict(inputs_f32, outputs_f32, scratch)
        call model%predict(inputs(i, :), outputs(i, :), scratch, in_range(i:i))
        call model%predict(inputs_f32(n_rows:i:-1, :), outputs_f32(i:, :), scratch)
        call model%predict(wide(:, 2 * i), outputs(i, :), scratch)
        if (m == 1) call model%predict(inputs, outputs(:, 1), scratch)
    end do
    after = count_allocations()
    print '(i0)', after - before
end program no_allocation
